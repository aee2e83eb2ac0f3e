import type { Environment } from './environment';
import { RequestError, UnauthorizedError } from './errors';
import { request } from './request';
import type { Tokens } from './tokens';

/** Calls of the API as the person who is signed in. `path` is below the base: `/users/online/`. */
export interface Api {
  /** The answer as it is. A refused token is renewed once; after that it is `UnauthorizedError`. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** The body of the answer. Throws `RequestError` when the server refuses. */
  json<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
}

export function createApi(environment: Environment, base: string, tokens: Tokens): Api {
  async function call(path: string, init?: RequestInit): Promise<Response> {
    const response = await request(environment, base + path, await tokens.current(), init);
    if (response.status !== 401) return response;
    const again = await request(environment, base + path, await tokens.fresh('rejected'), init);
    if (again.status === 401) throw new UnauthorizedError();
    return again;
  }

  return {
    call,
    async json(method, path, body) {
      const response = await call(path, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'Content-Type': 'application/json' },
        }),
      });
      const answer = await response.json().catch(() => null);
      if (response.ok) return answer;
      throw new RequestError(answer?.detail ?? `${path}: ${response.status}`, response.status);
    },
  };
}
