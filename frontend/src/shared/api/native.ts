/** The chain's own currency, as the server's configuration names it: refusals count in it. */
interface Currency {
  symbol: string
  decimals: number
}

let known: Currency | null = null

export const nativeCurrency = (): Currency | null => known

export function noteCurrency(currency: Currency): void {
  known = currency
}
