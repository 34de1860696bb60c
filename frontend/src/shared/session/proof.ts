/** With what somebody proves who they are, beyond the password. */
import type { components } from '@/api/schema'

export type Proof = components['schemas']['ProofIn']['proof']
