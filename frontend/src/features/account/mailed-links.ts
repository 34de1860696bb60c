/** Links that came by mail. Their token stands behind the #, which browsers send to nobody. */
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, take } from '@/shared/api/client'

/** The token of the link that was opened; it leaves the address bar, so that nobody copies it by accident. */
export function useLinkToken(): string {
  const [token] = useState(() => window.location.hash.slice(1))
  useEffect(() => {
    if (window.location.hash) window.history.replaceState(window.history.state, '', window.location.pathname)
  }, [])
  return token
}

export const useVerifyEmail = () =>
  useMutation({
    mutationFn: (token: string) => take(api.POST('/api/v1/email-verifications/finish', { body: { token } })),
  })

export const useAskReset = () =>
  useMutation({
    mutationFn: (email: string) => take(api.POST('/api/v1/password-resets', { body: { email } })),
  })

export const useResetPassword = () =>
  useMutation({
    mutationFn: (body: { token: string; password: string }) =>
      take(api.POST('/api/v1/password-resets/finish', { body })),
  })

export const useCancelByLink = () =>
  useMutation({
    mutationFn: (token: string) =>
      take(api.POST('/api/v1/wallet/export/cancel', { params: { query: { token } } })),
  })
