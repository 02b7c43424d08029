/** For messages and file pickers. */
export const soundFormats = 'wav, mp3, ogg (Vorbis or Opus), flac, m4a or webm';
