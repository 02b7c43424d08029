// A decoder of MP3 (MPEG audio layer III: ISO/IEC 11172-3, 13818-3) in AssemblyScript, which reads like TypeScript and becomes WebAssembly
// with SIMD. `node bin/compileWasm.mjs` compiles it into `binary.ts`. Addresses are bytes; lines and samples are float32.
import { end, openBits, position } from '../highestFirst.as';
import { readFactors } from './factors.as';
import { channels, granuleOf, isIntensity, isMpeg1, mainBefore, mainStart, readFrame } from './frame.as';
import { decodeLines, linesOf, makePowers } from './lines.as';
import { toStereo } from './stereo.as';
import { forgetTurns, makeSynthesis, nextTurns, subbands, synthesise } from './synthesis.as';
import { toSubbands } from './transform.as';

/** Frames are shorter (1441 bytes); what they code may begin so many bytes before. */
const mostBytes: i32 = 2048;
const mostBefore: i32 = 511;
const frame = memory.data(2048 + 16, 16);
/** What is coded in a frame, behind what the frames before left of theirs; and room for what damaged ones read beyond. */
const main = memory.data(511 + 2048 + 4096, 16);
let mainLength: i32 = 0;

/** float32 `[2, 576 + 16]`, `[2, 32, 9]`, `[39]`. */
const lines = memory.data(2 * 592 * 4, 16);
const before = memory.data(2 * 32 * 9 * 4, 16);
const factors = memory.data(40 * 4, 16);

/** float32 `[2, room]`. */
const framesOfRoom: i32 = 16;
const room: i32 = framesOfRoom * 1152;
const output = memory.data(2 * 16 * 1152 * 4, 16);
let written: i32 = 0;
let isReady: bool = false;

let outputs: i32 = 1;

/**
 * Forgets the file.
 *
 * @param count channels that are given, 1 or 2, whatever a frame has.
 * @param halvings 0 to 2: how often to make half as many samples, of the lower half of the subbands (mpg123 has its `MPG123_2TO1` and `4TO1`).
 * @param phase of the whole rate's samples the number of the first that is made, below 2^halvings.
 * @returns where frames are put, each of at most 2048 bytes.
 */
export function begin(count: i32, halvings: i32, phase: i32): usize {
  outputs = count;
  if (!isReady) makePowers();
  isReady = true;
  makeSynthesis(halvings, phase);
  forgetTurns();
  memory.fill(before, 0, 2 * 32 * 9 * 4);
  mainLength = 0;
  written = 0;
  return frame;
}

/** Decodes a frame. One that is damaged has no samples; one that lacks what frames before it should have is silent. */
export function decode(length: i32): void {
  if (length > mostBytes || !readFrame(frame, length)) {
    mainLength = 0;
    return;
  }
  const own = length - mainStart;
  memory.copy(main + mainLength, frame + mainStart, own);
  const isComplete = mainBefore <= mainLength;
  const start = isComplete ? mainLength - mainBefore : mainLength;
  const whole = mainLength + own;
  memory.fill(main + whole, 0, 16);
  const granules = isMpeg1 ? 2 : 1;
  if (written + granules * 576 > room) unreachable();
  openBits(main + start, whole - start);
  for (let i = 0; i < granules; i++) decodeGranule(i, isComplete);
  keep(whole);
}

/** Keeps the last of what is coded for the frames that follow. */
function keep(whole: i32): void {
  mainLength = min(whole, mostBefore);
  memory.copy(main, main + whole - mainLength, mainLength);
}

function decodeGranule(number: i32, isComplete: bool): void {
  memory.fill(lines, 0, 2 * 592 * 4);
  const right = lines + 592 * 4;
  for (let channel = 0; isComplete && channel < channels; channel++) {
    const it = granuleOf(number, channel);
    const partEnd = min(end, position + it.length);
    readFactors(it, channel, factors);
    const wanted = isIntensity ? 576 : linesOf(it, subbands);
    decodeLines(it, channel == 0 ? lines : right, factors, partEnd, wanted);
  }
  if (isComplete && channels == 2) toStereo(lines, right, granuleOf(number, 1), 576);
  for (let channel = 0; channel < channels; channel++) {
    const own = channel == 0 ? lines : right;
    toSubbands(granuleOf(number, channel), own, before + <usize>channel * (32 * 9 * 4), subbands);
    synthesise(own, channel, samplesOf(channel) + (<usize>written << 2));
  }
  nextTurns();
  if (outputs != channels) suitOutputs(samplesOf(0) + (<usize>written << 2), samplesOf(1) + (<usize>written << 2));
  written += 18 * subbands;
}

/** One channel for two, or the mean of two for one: frames may change between them. */
function suitOutputs(first: usize, second: usize): void {
  for (const end = first + (<usize>(18 * subbands) << 2); first < end; first += 4, second += 4) {
    if (outputs == 2) store<f32>(second, load<f32>(first));
    else store<f32>(first, (load<f32>(first) + load<f32>(second)) * 0.5);
  }
}

/** @returns samples of each channel since the last call. */
export function takeSamples(): i32 {
  const samples = written;
  written = 0;
  return samples;
}

export function samplesOf(channel: i32): usize {
  return output + <usize>(channel * room) * 4;
}
