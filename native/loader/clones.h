#pragma once

// A function so marked is compiled twice, and the one that the processor can run is taken when this is loaded.
#if defined(__x86_64__)
#define CLAPPER_CLONES __attribute__((target_clones("arch=haswell", "default")))
#else
#define CLAPPER_CLONES
#endif
