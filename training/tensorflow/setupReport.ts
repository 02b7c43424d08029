export type Device = 'cpu' | 'gpu';

export interface SetupReport {
  tensorflow: string;
  device: Device;
  /** The file that tfjs loads. */
  addon: string;
  seconds: number;
}
