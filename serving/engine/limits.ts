/** What one request may cost, and all of them together. Everything beyond is refused with a message that names the limit. */
export interface Limits {
  audioSeconds: number;
  imagePixels: number;
  /** Windows of one sound; closer windows make a long sound expensive. */
  windows: number;
  /** Sounds and pictures of one request. */
  filesPerRequest: number;
  /** Items (sounds, pictures, tensors) that wait. */
  queueItems: number;
  /** A worker that takes longer over one task is ended. */
  taskSeconds: number;
}

export const defaultLimits: Limits = {
  audioSeconds: 120,
  imagePixels: 50e6,
  windows: 2400,
  filesPerRequest: 64,
  queueItems: 512,
  taskSeconds: 30,
};

/** Closer windows than this are refused. */
export const minHopSeconds = 0.05;
