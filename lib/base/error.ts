/**
 * The one error class for everything that a person can cause or repair, and the closed list of its kinds.
 *
 * Anything else that is thrown is a bug of the program. Pure.
 *
 * @module
 */

/** Every kind of {@link UserError}. The kind alone selects the exit code (see `exit_code.ts`); both are API. */
export const ERROR_KINDS = [
  "usage",
  "not-found",
  "malformed",
  "exists",
  "refused",
  "unsupported",
  "io",
  "denied",
  "no-identity",
  "integrity",
  "cancelled",
] as const;

/** One of {@link ERROR_KINDS}. */
export type ErrorKind = typeof ERROR_KINDS[number];

/** A place in a file. Line and column count from 1; the column counts UTF-16 code units. */
export interface Location {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
}

/** What a {@link UserError} may carry besides its message. */
export interface UserErrorOptions {
  /** Next steps, one imperative sentence each, best first. */
  readonly hints?: readonly string[];
  /** Lines shown indented under the message: a list of files, or a piece of source with a caret. Never secret text. */
  readonly details?: readonly string[];
  /** Where in a file the mistake is. */
  readonly location?: Location;
  /** The error underneath, for the debug output only. */
  readonly cause?: unknown;
}

/**
 * A mistake or a state of the machine that a person can repair.
 *
 * Message form: lower case, active, no period: `cannot <do> "<object>": <state found>, expected <state>`.
 * The message, hints and details never hold file content of a keys file, key text, or a secret parser's inner message.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly kind: ErrorKind;
  readonly hints: readonly string[];
  readonly details: readonly string[];
  readonly location?: Location;

  /**
   * @param kind selects the exit code
   * @param message what was found and what was expected
   * @param options hints, details, location, cause
   */
  constructor(kind: ErrorKind, message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hints = options.hints ?? [];
    this.details = options.details ?? [];
    if (options.location !== undefined) this.location = options.location;
  }

  /** @returns the same error with more details, after those that it has, and with other hints if some are given */
  withDetails(details: readonly string[], hints: readonly string[] = this.hints): UserError {
    return new UserError(this.kind, this.message, {
      hints,
      details: [...this.details, ...details],
      ...(this.location === undefined ? {} : { location: this.location }),
      cause: this.cause,
    });
  }
}

/** A {@link UserError} without its cause, as a value that can be sent from one thread to another. */
export type PackedError = Pick<UserError, "kind" | "message" | "hints" | "details" | "location">;

/** @returns the error as it can be sent to another thread */
export function packError({ kind, message, hints, details, location }: UserError): PackedError {
  return { kind, message, hints, details, ...(location === undefined ? {} : { location }) };
}

/** @returns what another thread has sent as an error again */
export function unpackError({ kind, message, ...options }: PackedError): UserError {
  return new UserError(kind, message, options);
}

/**
 * A broken promise of the program itself (exit code 70). Thrown where a proof fails: nothing has been written then.
 */
export class InternalError extends Error {
  override readonly name = "InternalError";
}
