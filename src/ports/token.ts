/**
 * Gives the current token. Called lazily, and again after a 401; what it returned is kept in memory until then and never
 * reaches storage, logs, errors or URLs.
 *
 * Throw an `UnauthorizedError` to say that the user must sign in. Anything else that is thrown counts as a passing failure:
 * the provider is asked again with the next attempt. An empty string sends no token.
 */
export type TokenProvider = () => string | Promise<string>;
