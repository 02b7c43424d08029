/** One file of the Python Package Index. Both numbers are checked: what is loaded is what was measured. */
export interface Wheel {
  name: string;
  version: string;
  sha256: string;
  bytes: number;
  /** The files to keep, by their names inside the wheel. */
  keep: RegExp;
}

/** What makes one library: its wheels, unpacked side by side as Python would. */
export interface WheelSet {
  /** Of its folder. */
  name: string;
  /** As messages call it. */
  what: string;
  /** As pip names the machine: `x86_64`, `aarch64`. */
  machine: string;
  wheels: Wheel[];
  /** Free space that it takes to get there. */
  diskBytes: number;
}
