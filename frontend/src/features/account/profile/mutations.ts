/** Changes of the profile. The answer is the account as it is now, so nothing has to be asked for again. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { meQuery } from '@/shared/session/session'
import { useAccountChange } from '../queries'

type Change = Partial<components['schemas']['ProfileIn']>

export function useChangeProfile() {
  const client = useQueryClient()
  return useMutation({
    // What the body leaves out stays as it is; the generated type asks for everything.
    mutationFn: (change: Change) => take(api.PATCH('/api/v1/me', { body: change as Required<Change> })),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me)
    },
  })
}

export function useNewPicture() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (file: File) =>
      take(
        api.PUT('/api/v1/me/avatar', {
          body: '',
          bodySerializer: () => file,
          headers: { 'Content-Type': file.type },
        }),
      ),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me)
    },
  })
}

export function useRemovePicture() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/v1/me/avatar')),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me)
    },
  })
}

export const useChangeEmail = () =>
  useAccountChange([], (email: string) => take(api.POST('/api/v1/me/email', { body: { email } })))

export const useChangePassword = () =>
  useAccountChange([['sessions']], (password: string) =>
    take(api.POST('/api/v1/me/password', { body: { password } })),
  )
