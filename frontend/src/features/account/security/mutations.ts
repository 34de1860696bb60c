/** Changes of how the account is reached. Each asks for step-up where the server wants it, then reads anew. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'
import { withStepUp } from '@/shared/session/step-up'
import { createPasskey } from '@/shared/session/webauthn'
import { loadWallet } from '@/shared/wallet/load'
import type { Scope } from './queries'

function useChange<Given, Answer>(key: string, change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (given: Given) => withStepUp(() => change(given)),
    onSuccess: () => client.invalidateQueries({ queryKey: [key] }),
  })
}

export const useBeginTotp = () => useChange('factors', () => take(api.POST('/api/v1/factors/totp')))

export const useConfirmTotp = () =>
  useChange('factors', (code: string) => take(api.POST('/api/v1/factors/totp/confirm', { body: { code } })))

export const useRemoveTotp = () => useChange('factors', () => take(api.DELETE('/api/v1/factors/totp')))

export const useAddPasskey = () =>
  useChange('factors', async (name: string) => {
    const { public_key } = await take(api.POST('/api/v1/factors/passkeys/options'))
    const credential = await createPasskey(public_key)
    return take(api.POST('/api/v1/factors/passkeys', { body: { name, credential } }))
  })

export const useRemovePasskey = () =>
  useChange('factors', (id: string) =>
    take(api.DELETE('/api/v1/factors/passkeys/{passkey_id}', { params: { path: { passkey_id: id } } })),
  )

export const useNewRecoveryCodes = () =>
  useChange('factors', () => take(api.POST('/api/v1/factors/recovery-codes')))

/** Asks the server for the message, the wallet for its signature, and hands both in. */
export function useLinkWallet() {
  const client = useQueryClient()
  return useChange('links', async (address: string) => {
    const { message } = await take(api.POST('/api/v1/links/message', { body: { address } }))
    const signature = await (await loadWallet(client)).sign(message, address)
    return take(api.POST('/api/v1/links', { body: { message, signature } }))
  })
}

export const useUnlink = () =>
  useChange('links', (id: string) =>
    take(api.DELETE('/api/v1/links/{link_id}', { params: { path: { link_id: id } } })),
  )

export const useMakeApiKey = () =>
  useChange('api-keys', (body: { name: string; scopes: Scope[]; expires_in_days: number }) =>
    take(api.POST('/api/v1/api-keys', { body })),
  )

export const useRevokeApiKey = () =>
  useChange('api-keys', (id: string) =>
    take(api.DELETE('/api/v1/api-keys/{key_id}', { params: { path: { key_id: id } } })),
  )

export const useEndSession = () =>
  useChange('sessions', (id: string) =>
    take(api.DELETE('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } } })),
  )

export const useEndOtherSessions = () =>
  useChange('sessions', () => take(api.POST('/api/v1/sessions/end-others')))
