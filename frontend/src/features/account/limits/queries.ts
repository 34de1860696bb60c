import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'
import { useAccountChange } from '../queries'
import type { Wanted } from './policy'

const POLICY = ['account', 'policy']
const RECIPIENTS = ['account', 'recipients']

export const recipientsQuery = queryOptions({
  queryKey: RECIPIENTS,
  queryFn: ({ signal }) => take(api.GET('/api/v1/policy/addresses', { signal })),
})

export const useChangePolicy = () =>
  useAccountChange([POLICY, RECIPIENTS], (body: Wanted) => take(api.PUT('/api/v1/policy', { body })))

export const useListRecipient = () =>
  useAccountChange([RECIPIENTS], ({ address, label }: { address: string; label: string }) =>
    take(api.PUT('/api/v1/policy/addresses/{address}', { params: { path: { address } }, body: { label } })),
  )

export const useForgetRecipient = () =>
  useAccountChange([RECIPIENTS], (address: string) =>
    take(api.DELETE('/api/v1/policy/addresses/{address}', { params: { path: { address } } })),
  )
