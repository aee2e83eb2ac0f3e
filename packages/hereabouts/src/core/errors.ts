/** Thrown by `getToken` when the sign-in has ended: the client stops and asks to sign in, without a retry. */
export class UnauthorizedError extends Error {
  override readonly name = 'UnauthorizedError';

  constructor(message = 'The sign-in has ended.') {
    super(message);
  }
}

/** A refusal of the server; `message` is its sentence, which can be shown to the person. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** True for our error also when two copies of the package are on the page. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && error.name === 'UnauthorizedError';
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
