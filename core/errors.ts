/** What was wrong with the input; `serving/` maps each kind to one HTTP status, the command line to exit 1. */
export type InputErrorKind =
  | 'invalid_request' // a value outside its range, a missing field
  | 'not_found' // no such bundle, file, classifier
  | 'too_large' // more bytes, pixels or seconds than the limit
  | 'unsupported_media' // not a sound or picture format that is decoded here
  | 'unreadable_media'; // the right format, but truncated, empty or damaged

/**
 * The caller's mistake, never ours. The message says what was expected, what arrived and what to do next;
 * it is shown to people as it is.
 */
export class InputError extends Error {
  override name = 'InputError';
  readonly kind: InputErrorKind;

  constructor(message: string, kind: InputErrorKind = 'invalid_request', options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
