import { tokenFor } from './fake-browser';

/** The accounts of a server: refresh tokens are good once, and one used twice ends the sign-in. */
export class FakeAccounts {
  readonly calls: { path: string; body: Record<string, unknown> }[] = [];
  /** Life of the access tokens, in seconds; null for tokens that do not say when they end. */
  lifeS: number | null = null;
  isDown = false;
  private readonly passwords = new Map<string, string>();
  private readonly good = new Map<string, string>();
  private readonly ended = new Set<string>();
  private n = 0;

  answer(url: string, body: string): Response {
    const path = url.slice(url.indexOf('/auth/') + '/auth/'.length);
    const fields = JSON.parse(body || '{}') as Record<string, unknown>;
    this.calls.push({ path, body: fields });
    if (this.isDown) throw new TypeError('Failed to fetch');
    const name = String(fields.username ?? '');
    switch (path) {
      case 'register/':
        if (this.passwords.has(name)) return refuse(409, 'This name is taken.');
        this.passwords.set(name, String(fields.password));
        return this.signIn(name);
      case 'login/':
        if (this.passwords.get(name) !== fields.password)
          return refuse(401, 'This name and password do not match.');
        return this.signIn(name);
      case 'token/refresh/': {
        const refresh = String(fields.refresh_token);
        const owner = this.good.get(refresh);
        if (owner === undefined || this.ended.has(owner)) {
          // Reuse ends the whole sign-in.
          for (const person of this.good.values()) this.ended.add(person);
          return refuse(401, 'The sign-in has ended.');
        }
        this.good.delete(refresh);
        return this.signIn(owner);
      }
      case 'logout/':
        this.good.delete(String(fields.refresh_token));
        return new Response(null, { status: 204 });
      default:
        return refuse(404, 'There is nothing here.');
    }
  }

  /** Tokens as after a sign-in some time ago. */
  signIn(username: string): Response {
    this.n += 1;
    this.ended.delete(username);
    const refresh = `refresh-${this.n}`;
    this.good.set(refresh, username);
    const iat = Math.floor(Date.now() / 1_000);
    const times = this.lifeS === null ? {} : { iat, exp: iat + this.lifeS };
    return new Response(
      JSON.stringify({
        access_token: tokenFor(username, { n: this.n, ...times }),
        refresh_token: refresh,
        user: { id: username, username },
      }),
    );
  }

  refreshes(): number {
    return this.calls.filter(({ path }) => path === 'token/refresh/').length;
  }
}

function refuse(status: number, detail: string): Response {
  return new Response(JSON.stringify({ detail }), { status });
}
