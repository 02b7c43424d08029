/** Settings of sound at 8 kHz in 32 bands: small enough for tests to learn from. */
export const tinySpectrogram = [
  'sampleRate=8000',
  'windowLength=256',
  'hopLength=256',
  'nFft=256',
  'melBands=32',
  'maxHz=4000',
];
