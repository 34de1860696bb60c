/** What a token may do beyond moving (contracts/token/TokenFeatures.sol). */
import { t } from '@/shared/i18n'

export const FEATURE_BITS = { mint: 1, burn: 2, pause: 4, bridge: 8 } as const
export type Feature = keyof typeof FEATURE_BITS
export const FEATURES: readonly Feature[] = ['mint', 'burn', 'pause', 'bridge']

export function featureName(feature: Feature): string {
  switch (feature) {
    case 'mint':
      return t('Mint: the admin and minters make more, up to the cap')
    case 'burn':
      return t('Burn: holders destroy their own')
    case 'pause':
      return t('Pause: the admin and pausers stop transfers')
    case 'bridge':
      return t('Bridge: chosen bridges move it to other chains, each within a limit')
  }
}

export const featuresIn = (bits: number): Feature[] =>
  FEATURES.filter((feature) => (bits & FEATURE_BITS[feature]) !== 0)
