/** Characters that a new password has at least. */
export const LEAST_PASSWORD = 12
