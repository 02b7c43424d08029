/**
 * For a server: V8 compiles and optimises a function after an eighth of the calls that it waits for by itself. A server's functions run once or a few times
 * a request, so that thousands of requests would go by at several times their later cost. Where what was seen by then is not all that comes, V8
 * compiles again.
 */
export const optimiseSoon =
  Number(process.versions.v8.split('.')[0]) < 12 ? '--interrupt-budget=8000' : '--invocation-count-for-turbofan=400';
