/** What one request may cost. Everything beyond is refused with a message that names the limit. */
export const limits = {
  requestBytes: 25e6,
  audioSeconds: 120,
  imagePixels: 50e6,
  /** Closer windows than this would make a long sound very expensive. */
  minHopSeconds: 0.05,
  /** Requests being received, waiting or worked on at the same time. */
  requestsInFlight: 64,
  /** A worker that takes longer is ended. */
  taskSeconds: 120,
  /** What is not finished this long after the order to stop is dropped. */
  drainSeconds: 30,
};
