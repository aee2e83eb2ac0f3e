/** The cookie that carries the access token to this app's server. */
export const TOKEN_COOKIE = 'presence_token';
