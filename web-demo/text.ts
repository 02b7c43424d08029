import { formatPercent } from './percent.ts';

// Everything that the page says, but its frame in index.html and what `core/` and `delivery/` say of files.

const list = (names: readonly string[]) => new Intl.ListFormat('en').format(names);
/** Long ones, as strokes are, by their beginning. */
const shorten = (part: string) => (part.length > 40 ? `${part.slice(0, 40)}…` : part);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

export const text = {
  retry: 'Try again',
  workerStopped: (reason: string) =>
    `The part of the page that runs the model stopped: ${reason}. Try again, or reload the page.`,
  workerMissing: 'it did not load',
  workerEnded: 'the browser ended it, perhaps for want of memory',
  stopped: 'The model was stopped.',
  noPart: (part: string) =>
    `What the page needs for “${part}” did not come: the connection broke off, or the server is gone. Try again, or reload the page.`,
  reading: 'reading this file',
  running: 'running the model',
  recording: 'the microphone',
  coming: (title: string) => `“${title}” is coming …`,

  panels: {
    match: 'Match',
    matrix: 'Matrix',
    classify: 'Classify',
    video: 'Video',
    explain: 'What mattered',
    game: 'Game',
    hood: 'Under the hood',
    card: 'Model card',
  },
  intro: {
    digits:
      'Draw a digit and say one. A small network that learnt from pairs of sounds and pictures alone judges whether they belong together.',
    photos:
      'Choose a photo and a sound, or bring your own. A small network hears the one, sees the other, and judges whether they belong together.',
    private: 'It runs here in your browser: what you bring stays on your device.',
    server: 'It runs on this page’s server now: what you bring is sent there.',
  },

  opening: 'Fetching the model',
  openingBytes: (bytes: number, totalBytes: number) =>
    bytes < totalBytes
      ? `Fetching the model: ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`
      : 'Starting the model',
  failedOpening: 'The model did not load',
  backends: {
    'wasm-threads': 'WebAssembly, threads',
    wasm: 'WebAssembly, one thread',
    webgpu: 'WebGPU',
    server: 'This server, by REST',
  },
  runsBy: (backend: string, threads: number | null) =>
    threads === null ? backend : `WebAssembly, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
  facts: (name: string, variant: string, runsBy: string) => `Model “${name}”, ${variant}, run by ${runsBy}.`,
  checking: 'Checking it against its training …',
  checked: (largest: number) => `Checked: within ${largest.toExponential(0)} of what it computed in training.`,
  missing: (classifier: string, reason: string) =>
    `The classifier “${classifier}” is missing, all else works: ${reason}`,
  noWasm: (reason: string) =>
    `ONNX Runtime does not start in this browser (${reason}). Try again; if it stays so, update the browser or let “This server” compute under the hood.`,
  noWebGpu: 'This browser offers no WebGPU here. Choose WebAssembly under the hood, which every browser runs.',
  lostWebGpu: (reason: string) =>
    `The graphics card was taken away from the page${reason ? ` (${reason})` : ''}. Try again, or choose WebAssembly under the hood.`,
  noServer: 'The server does not answer. Is it still running? Try again, or let the model run in the page.',
  noRest: (status: number) => `There is no REST API here (status ${status}). Let the model run in the page.`,
  noVariant: (name: string, variant: string, others: string[]) =>
    `The model “${name}” has no variant ${variant}; it has ${list(others)}. Choose one of them under the hood.`,
  seesNothing: 'This model hears only; it has no network that sees pictures.',
  hearsNothing: 'This model sees only; it has no network that hears sounds.',
  lostInLink: (parts: string[]) =>
    `This link says what is not known here: ${list(parts.map(shorten))}. The rest of it is shown. Was it cut, or is it of another version?`,
  oneOfEach: (names: string[]) =>
    `One file of a kind at a time: ${list(names)} ${names.length === 1 ? 'was' : 'were'} left out.`,

  noPicture: 'This file is not a picture that the browser can read. Choose a PNG, JPEG or WebP.',
  largePicture: (pixels: number, most: number) =>
    `This picture has ${Math.round(pixels / 1e6)} million pixels, and ${most / 1e6} are the most. Choose a smaller copy of it.`,
  largeSound: (bytes: number, most: number) =>
    `This file has ${(bytes / 1e9).toFixed(1)} GB, and ${most / 1e9} GB is the most. Choose a sound of two minutes at most.`,
  lostFile: 'This file can no longer be read. Was it moved, or its drive removed? Open it again.',
  soundAlone: 'The browser shows no pictures of this file, so its sound alone is taken.',
  neither: (name: string) => `“${name}” is neither a picture nor a sound. Drop a photo, or a sound file.`,
  picture: {
    title: 'Picture',
    hint: { digits: 'Draw a digit here', photos: 'Choose, drop or paste a photo' },
    board: 'Drawing board',
    boardKeys:
      'Draw with a finger, pen or mouse. By keyboard: arrow keys move the pen, Space puts it down and lifts it, Backspace takes the last stroke back, Delete clears the board. Or choose an example below.',
    undo: 'Undo',
    clear: 'Clear',
    open: 'Open file',
    openLabel: 'Open a picture file',
    camera: 'Camera',
    take: 'Take photo',
    close: 'Cancel',
    cameraView: 'What the camera sees',
    samples: 'Example pictures',
    sees: 'The model sees',
    seesLabel: (width: number, height: number) => `The ${width} × ${height} pixels that the model sees`,
    reads: 'and reads',
    reading: 'The model reads the picture as',
    drawn: 'your drawing',
    photographed: 'your photo',
  },
  camera: {
    denied: 'The camera is not allowed for this page. Allow it beside the address bar and try again, or open a file.',
    missing: 'No camera was found. Connect one and try again, or open a file.',
    insecure:
      'Browsers give the camera only to pages on https:// or localhost. Open this page there, or choose a file.',
    stopped: 'The camera stopped. Try again, or open a file.',
    broken: (reason: string) =>
      `The camera does not start (${reason}). Is another program using it? You can also open a file.`,
  },
  sound: {
    title: 'Sound',
    hint: { digits: 'Say a digit, or choose one below', photos: 'Record, drop or choose a sound' },
    record: 'Record',
    allow: 'Allow the microphone',
    speak: { digits: 'Say a digit', photos: 'Make a sound' },
    left: (seconds: number) => `${seconds.toFixed(1)} s left`,
    listen: 'Listen live',
    listening: 'Stop listening',
    play: 'Play',
    stop: 'Stop',
    open: 'Open file',
    openLabel: 'Open a sound file',
    samples: 'Example recordings',
    hears: 'The model hears',
    none: 'No sound yet',
    spectrogram: (seconds: number) => `Spectrogram of ${seconds.toFixed(1)} s of sound, as the model hears it`,
    window: 'The part that is judged',
    windowAt: (startSeconds: number, endSeconds: number) => `${startSeconds.toFixed(1)} to ${endSeconds.toFixed(1)} s`,
    whole: 'Judge the whole sound',
    wholeHint: 'Drag over the waveform to judge a part of it.',
    recorded: 'your recording',
    live: 'the microphone',
  },
  microphone: {
    denied:
      'The microphone is not allowed for this page. Allow it beside the address bar and try again, or choose a sound.',
    missing: 'No microphone was found. Connect one and try again, or choose a sound.',
    insecure:
      'Browsers give the microphone only to pages on https:// or localhost. Open this page there, or choose a sound.',
    broken: (reason: string) =>
      `The microphone does not start (${reason}). Is another program using it? You can also choose a sound.`,
    stopped: 'The microphone stopped giving sound. Try again, or open a sound file.',
    silent: 'Nothing was to be heard. Is the microphone muted? Speak up and try again.',
  },

  verdict: {
    title: 'Verdict',
    score: 'Score',
    example: ['Show me an ', 'example'],
    wait: {
      both: { digits: 'Draw a digit and say one', photos: 'Choose a photo and a sound' },
      picture: { digits: 'Now draw a digit', photos: 'Now choose a photo' },
      sound: { digits: 'Now say a digit', photos: 'Now choose a sound' },
    },
    waitBecause: 'The board closes when they match.',
    sure: 'They match',
    likely: 'They match, probably',
    unlikely: 'Probably no match',
    no: 'They do not match',
    neither: 'I know neither',
    strangeSound: 'I do not know such a sound',
    strangePicture: 'I do not know such a picture',
    strangeBecause: (what: string) => `Nothing it learnt from is like ${what}, so the score means little.`,
    strange: { both: 'this sound or this picture', audio: 'this sound', image: 'this picture' },
    judging: 'Judging …',
    foretold: 'Judged when this page was built; the model itself is on its way.',
    right: (right: number, of: number) => `This model is right on ${right} of ${of} test pairs`,
    calibrated: (points: number) =>
      points === 0
        ? ', and its percentages are true to the point.'
        : `, and its percentages are off by ${points} ${points === 1 ? 'point' : 'points'} on average.`,
    windows: (count: number) => `The whole sound counts, ${count} windows of it.`,
    stages: ({ audio, image, match }: { audio: number; image: number; match: number }) =>
      `Judged in ${formatMilliseconds(audio + image + match)}: hearing ${formatMilliseconds(audio)}, seeing ${formatMilliseconds(image)}, comparing ${formatMilliseconds(match)}.`,
    failed: 'No verdict',
  },
  gallery: {
    title: 'Pairs to try',
    match: 'a match',
    mismatch: 'no match',
    pair: (picture: string, sound: string) => `Picture: ${picture}. Sound: ${sound}.`,
  },
  bars: {
    nothing: 'nothing yet',
    one: (label: string, probability: number) => `${label}, ${formatPercent(probability)}`,
  },
  matrix: {
    lead: 'Every sound with every picture: each is heard or seen once, then all are compared. Point at a cell or press it to play its sound.',
    add: 'Add your own files',
    addLabel: 'Add picture and sound files',
    sounds: 'Sounds',
    pictures: 'Pictures',
    caption: 'How well each sound matches each picture, in percent',
    best: 'best match of its row',
    cell: (sound: string, picture: string, score: number) => `${sound} with ${picture}: ${formatPercent(score)}`,
    own: 'yours',
    empty: 'Choose at least one sound and one picture.',
  },
  video: {
    lead: 'Open a video: its frames are judged with its own sound over time, and with another sound for comparison. It stays on your device.',
    open: 'Open video',
    other: 'The other sound',
    reading: 'Reading the video …',
    progress: 'How much of the video is judged',
    unreadable: 'This browser cannot show this video. Convert it to MP4 with H.264 or to WebM, and open that.',
    silent: 'Nothing is to be heard in this video, so there is nothing to judge. Open one with sound.',
    done: (points: number) => `Judged at ${points} times.`,
    curve: 'Score over the time of the video.',
    means: (own: string, other: string | null) =>
      other === null
        ? `On average ${own} with its own sound.`
        : `On average ${own} with its own sound (line), ${other} with the other (dashes).`,
  },
  explain: {
    lead: 'Parts of picture and sound are hidden, one at a time: where the score falls, that part spoke for a match; where it rises, against one.',
    start: 'See what mattered',
    cancel: 'Cancel',
    progress: 'Parts hidden so far',
    hiding: (done: number, of: number) => `${done} of ${of} parts hidden …`,
    cancelled: 'Cancelled.',
    nothing: 'Choose a picture and a sound on the page “Match” first.',
    waiting: 'Picture, sound and model are coming …',
    pair: (picture: string, sound: string) => `Of the picture “${picture}” and the sound “${sound}”.`,
    done: (score: number) => `With everything there, the score is ${formatPercent(score)}.`,
    picture: 'What mattered in the picture',
    sound: 'What mattered in the sound: time to the right, pitch upwards',
    most: (what: string, fallen: number) =>
      fallen > 0.005
        ? `${what}: the part that mattered most, hidden, lowers the score by ${formatPercent(fallen)}.`
        : `${what}: no single part decided it.`,
    legend: { for: 'spoke for a match', against: 'spoke against one' },
  },
  game: {
    lead: 'You against the network: which of the four pictures belongs to the sound?',
    start: 'Start',
    next: 'Next sound',
    again: 'Play again',
    hear: 'Hear it again',
    loading: 'One moment …',
    question: (round: number, of: number) => `Sound ${round} of ${of}: which picture belongs to it?`,
    waiting: 'The network is still listening …',
    you: 'you',
    network: 'network',
    score: (score: number) => `network: ${formatPercent(score)}`,
    judged: ({ title, you, network }: { title: string; you: boolean; network: boolean }) => {
      const who =
        you && network
          ? 'You were both right'
          : you
            ? 'You were right, the network was not'
            : network
              ? 'The network was right, you were not'
              : 'Neither of you was right';
      return `${who}: ${title}.`;
    },
    tally: (you: number, network: number, of: number) => `After ${of}: you ${you}, the network ${network}.`,
    final: (you: number, network: number, of: number) =>
      `${you > network ? 'You won' : you < network ? 'The network won' : 'A draw'}: you ${you}, the network ${network} of ${of}.`,
  },
  hood: {
    variant: 'Variant',
    backend: 'Runs by',
    kept: (megabytes: number) => `Kept in this browser: ${megabytes.toFixed(1)} MB, which are not fetched again.`,
    notKept: 'Not kept in this browser: fetched at the next visit.',
    clear: 'Remove what is kept',
    compare: 'Compare all ways to run it',
    comparing: 'Comparing …',
    compareSends: 'One of them is this page’s server: picture and sound are sent there as the model takes them.',
    columns: ['Runs by', 'Golden check', 'Score of this pair', 'Difference', 'Time'],
    passed: (largest: number) => `passed, off by ${largest.toExponential(1)}`,
    copyCurl: 'Copy as curl',
    copyFetch: 'Copy as fetch',
    copyLink: 'Copy as link',
    copied: 'Copied',
    notCopied: 'The browser does not let the page copy; the text stands below.',
    ownFiles: 'Put your own files in place of photo.jpg and sound.wav.',
    wholeSound: 'This asks about the whole sound, not the part that is chosen here.',
    ownLink: 'A link cannot hold your own files and recordings, only examples and drawings.',
    opening: (milliseconds: number) =>
      `From the worker’s start to the loaded model: ${formatMilliseconds(milliseconds)}.`,
  },
  credits: 'The examples’ authors and licences',
  card: { missing: 'This model has no card.' },
  drop: { two: 'Drop a picture or a sound', orVideo: 'Drop a photo, a sound or a video' },
};

export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
