/** Set by the service worker on an answer it kept: when it was fetched. The server never sends it. */
export const KEPT_AT = 'x-tombola-kept-at'
