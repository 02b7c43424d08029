/** @returns how many numbers a tensor of this shape holds: of one without dimensions 1. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
