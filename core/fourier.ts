/** Writes over its argument: `[N]` complex numbers, real and imaginary parts. */
export type FourierTransform = (real: Float64Array, imaginary: Float64Array) => void;

/**
 * The discrete Fourier transform of one length, split by its prime factors (Cooley and Tukey 1965): about N times the sum of the factors, where
 * the sum itself takes N² products. Any length; quick where no factor is large.
 */
export function createFourier(length: number): FourierTransform {
  const cosine = Float64Array.from({ length }, (_, i) => Math.cos((2 * Math.PI * i) / length));
  const sine = Float64Array.from({ length }, (_, i) => -Math.sin((2 * Math.PI * i) / length));
  const factors = primeFactors(length);
  const spareReal = new Float64Array(length);
  const spareImaginary = new Float64Array(length);
  const [termReal, termImaginary] = [
    new Float64Array(Math.max(1, ...factors)),
    new Float64Array(Math.max(1, ...factors)),
  ];
  let inReal: Float64Array = spareReal;
  let inImaginary: Float64Array = spareImaginary;
  let outReal: Float64Array = spareReal;
  let outImaginary: Float64Array = spareImaginary;

  /** The transform of every `stride`th of the inputs from `from` on, into the outputs from `to` on. */
  function transform(from: number, stride: number, to: number, level: number): void {
    const radix = factors[level];
    if (radix === undefined) {
      outReal[to] = inReal[from] as number;
      outImaginary[to] = inImaginary[from] as number;
      return;
    }
    const size = length / stride;
    const part = size / radix;
    for (let r = 0; r < radix; r++) transform(from + r * stride, stride * radix, to + r * part, level + 1);
    for (let k = 0; k < part; k++) {
      for (let r = 0; r < radix; r++) {
        const [re, im] = [outReal[to + r * part + k] as number, outImaginary[to + r * part + k] as number];
        const [c, s] = [cosine[r * k * stride] as number, sine[r * k * stride] as number];
        termReal[r] = re * c - im * s;
        termImaginary[r] = re * s + im * c;
      }
      for (let q = 0; q < radix; q++) {
        let [re, im] = [0, 0];
        for (let r = 0; r < radix; r++) {
          const turn = ((r * q) % radix) * (length / radix);
          const [c, s] = [cosine[turn] as number, sine[turn] as number];
          re += (termReal[r] as number) * c - (termImaginary[r] as number) * s;
          im += (termReal[r] as number) * s + (termImaginary[r] as number) * c;
        }
        outReal[to + q * part + k] = re;
        outImaginary[to + q * part + k] = im;
      }
    }
  }

  return (real, imaginary) => {
    if (real.length !== length || imaginary.length !== length) {
      throw new RangeError(`Expected ${length} complex numbers but received ${real.length} and ${imaginary.length}.`);
    }
    spareReal.set(real);
    spareImaginary.set(imaginary);
    [inReal, inImaginary, outReal, outImaginary] = [spareReal, spareImaginary, real, imaginary];
    transform(0, 1, 0, 0);
  };
}

function primeFactors(length: number): number[] {
  const factors: number[] = [];
  let rest = length;
  for (let factor = 2; rest > 1; factor++) {
    if (factor * factor > rest) factor = rest;
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  return factors;
}
