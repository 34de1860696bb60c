/** How to write amounts of a currency that is named by its token's address. */
import { useQuery } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { useConfig } from '@/shared/api/queries'
import { shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'

export interface Units {
  decimals: number
  name: string
}

/** Every template of the factory has them. */
const TOKEN_DECIMALS = 18

export const smallestUnits = (currency: string): Units => ({
  decimals: 0,
  name: t('{currency} (smallest units)', { currency }),
})

/** Null until it is known; a token that our factory did not make is counted in its smallest units. */
export function useUnits(token: string | null): Units | null {
  const currency = useConfig().data?.currency
  const found = useQuery({
    queryKey: ['token-units', token],
    queryFn: async ({ signal }): Promise<Units> => {
      const address = token ?? ''
      try {
        const path = { address }
        const made = await take(api.GET('/api/v1/tokens/{address}', { params: { path }, signal }))
        return { decimals: TOKEN_DECIMALS, name: made.symbol }
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.status !== 404) throw error
        return smallestUnits(shortHex(address))
      }
    },
    enabled: token !== null,
    staleTime: Infinity,
  })
  if (token !== null) return found.data ?? null
  return currency ? { decimals: currency.decimals, name: currency.symbol } : null
}
