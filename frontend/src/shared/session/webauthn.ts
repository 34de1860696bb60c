/**
 * Passkeys, between the JSON of the API and the bytes of the browser (WebAuthn Level 3, section 5.1). Newer browsers
 * convert by themselves; the others are why this is here.
 */
import type { components } from '@/api/schema'
import { t } from '@/shared/i18n'

type Options = Record<string, unknown>
type NewCredential = components['schemas']['NewCredential']
type AssertedCredential = components['schemas']['AssertedCredential']
interface Described {
  id: string
  type: 'public-key'
  transports?: AuthenticatorTransport[]
}

export const passkeysWork = (): boolean => typeof globalThis.PublicKeyCredential === 'function'

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(raw, (sign) => sign.charCodeAt(0))
}

export function toBase64Url(bytes: ArrayBuffer): string {
  const raw = String.fromCharCode(...new Uint8Array(bytes))
  return btoa(raw).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

const descriptors = (list: unknown) =>
  ((list ?? []) as Described[]).map((one) => ({ ...one, id: fromBase64Url(one.id) }))

/** Somebody closed the browser's dialog, or waited too long: it says the same of both. */
function explained(error: unknown): Error {
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return new Error(t('The passkey was not used. Try again, or choose another way.'))
  if (error instanceof DOMException && error.name === 'InvalidStateError')
    return new Error(t('This device has a passkey for your account already.'))
  if (error instanceof DOMException && error.name === 'SecurityError')
    return new Error(t('Passkeys do not work at this address. Open the site by its name.'))
  return error instanceof Error
    ? error
    : new Error(t('The passkey was not used. Try again, or choose another way.'))
}

async function ask<T extends AuthenticatorResponse>(
  call: () => Promise<Credential | null>,
): Promise<{ id: string; type: 'public-key'; response: T }> {
  if (!passkeysWork()) throw new Error(t('This browser has no passkeys.'))
  const found = await call().catch((error: unknown) => {
    throw explained(error)
  })
  if (!found) throw explained(null)
  return { id: found.id, type: 'public-key', response: (found as PublicKeyCredential).response as T }
}

/** Makes a passkey with the options of the API. */
export async function createPasskey(options: Options): Promise<NewCredential> {
  const user = options.user as { id: string; name: string; displayName: string }
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge as string),
    user: { ...user, id: fromBase64Url(user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions
  const { id, type, response } = await ask<AuthenticatorAttestationResponse>(() =>
    navigator.credentials.create({ publicKey }),
  )
  return {
    id,
    rawId: id,
    type,
    response: {
      clientDataJSON: toBase64Url(response.clientDataJSON),
      attestationObject: toBase64Url(response.attestationObject),
      transports: (response as Partial<AuthenticatorAttestationResponse>).getTransports?.call(response) ?? [],
    },
  }
}

/** Has a passkey sign the challenge of the API. */
export async function getPasskey(options: Options): Promise<AssertedCredential> {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge as string),
    allowCredentials: descriptors(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions
  const { id, type, response } = await ask<AuthenticatorAssertionResponse>(() =>
    navigator.credentials.get({ publicKey }),
  )
  return {
    id,
    rawId: id,
    type,
    response: {
      clientDataJSON: toBase64Url(response.clientDataJSON),
      authenticatorData: toBase64Url(response.authenticatorData),
      signature: toBase64Url(response.signature),
      userHandle: response.userHandle ? toBase64Url(response.userHandle) : null,
    },
  }
}
