/** Who is signed in. The session itself is a cookie that scripts cannot read. */
import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import type { Me } from '@/api/types'
import { api, sessionEnds, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { createStore, useStore } from '@/shared/store/store'
import { readLocal, writeLocal } from '@/shared/store/local'
import type { Proof } from './proof'

/** Remembers that somebody signed in here, so that visitors never ask for a session in vain. */
export const signedIn = createStore(readLocal('signed-in') === '1')
signedIn.subscribe(() => {
  writeLocal('signed-in', signedIn.get() ? '1' : null)
})

/** The last session was not ended here: it expired, or was ended from elsewhere. */
const expired = createStore(false)
sessionEnds.subscribe(() => {
  if (!signedIn.get()) return
  expired.set(true)
  signedIn.set(false)
})
export const useSessionExpired = (): boolean => useStore(expired)

/** First keys of what only the account itself may see, or its role lets it see. */
const PRIVATE = [
  'me',
  'account',
  'wallet',
  'intents',
  'factors',
  'links',
  'api-keys',
  'sessions',
  'connections',
  'contests',
  'admin',
]

function forgetPrivate(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => PRIVATE.includes(String(queryKey[0])) })
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await take(api.GET('/api/v1/me', { signal }))
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
      signedIn.set(false)
      return null
    }
  },
  staleTime: 60_000,
})

export interface Session {
  me: Me | null
  pending: boolean
}

export function useSession(): Session {
  const enabled = useStore(signedIn)
  const me = useQuery({ ...meQuery, enabled })
  return { me: enabled ? (me.data ?? null) : null, pending: enabled && me.isPending }
}

export interface Credentials {
  email: string
  password: string
  /** With a registration: versions of the documents that were read. */
  accepts?: Record<string, string>
}

/** A mutation that ends in a session. */
function useSessionMutation<T>(mutationFn: (given: T) => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      // Another person may have been signed in before.
      forgetPrivate(client)
      expired.set(false)
      signedIn.set(true)
      await client.fetchQuery(meQuery)
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'config' })
    },
  })
}

export const useSignIn = () =>
  useSessionMutation(({ email, password }: Credentials) =>
    take(api.POST('/api/v1/sessions', { body: { email, password } })),
  )

/** After `second_factor_required`: the ticket and the proof make the session. */
export const useSecondFactor = () =>
  useSessionMutation(({ ticket, proof }: { ticket: string; proof: Proof }) =>
    take(api.POST('/api/v1/sessions/second-factor', { body: { ticket, proof } })),
  )

/** No password: the authenticator knows whose passkey it has. */
export const usePasskeySignIn = () =>
  useSessionMutation(async () => {
    const { public_key } = await take(api.POST('/api/v1/sessions/passkey/options'))
    const { getPasskey } = await import('./webauthn')
    const credential = await getPasskey(public_key)
    return take(api.POST('/api/v1/sessions/passkey', { body: { credential } }))
  })

/** Makes an account and signs in to it. */
export function useRegister() {
  const signIn = useSignIn()
  return useMutation({
    mutationFn: async ({ accepts = {}, ...credentials }: Credentials) => {
      await take(api.POST('/api/v1/users', { body: { ...credentials, accepts } }))
      await signIn.mutateAsync(credentials)
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/v1/sessions')),
    onSettled: () => {
      signedIn.set(false)
      forgetPrivate(client)
    },
  })
}
