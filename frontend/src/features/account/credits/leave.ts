/** Goes to a page of another site: Stripe's, to pay on. */
export function leaveFor(url: string): void {
  window.location.assign(url)
}
