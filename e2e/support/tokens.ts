/** Tokens as another system would sign them: HS256, with claims of our choice. */
import { createHmac, randomUUID } from 'node:crypto';

/** An access token of the form Django simplejwt writes. */
export function signToken(secret: string, userId: string, claims: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'HS256', typ: 'JWT' });
  const body = part({
    token_type: 'access',
    iat: now,
    exp: now + 3_600,
    jti: randomUUID(),
    user_id: userId,
    ...claims,
  });
  const signature = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}
