import type { Config } from '@/api/types'
import type { Hex } from '@/shared/draw/bytes'

/** What was deployed with a development chain's contracts; live chains have Chainlink's own and drand's quicknet. */
export interface Deployed {
  coordinator: Hex | null
  /** In drand's order. */
  beaconKey: string | null
}

export const deployedWith = ({ contracts, drand }: Config): Deployed => ({
  coordinator: (contracts.VRFCoordinator?.address as Hex | undefined) ?? null,
  beaconKey: drand.public_key ?? null,
})
