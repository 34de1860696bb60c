/** How Stripe sends people back: after paying, or by its link back. A part of the page's address. */
export const OUTCOMES = ['paid', 'cancelled'] as const
export type Outcome = (typeof OUTCOMES)[number]
