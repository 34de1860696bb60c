import { messageOf } from '@/shared/api/problem'

/** Why something asked for was refused, beside what asked for it. */
export const Refusal = ({ error }: { error: unknown }) =>
  error == null ? null : (
    <p role="alert" className="mt-2 text-bad">
      {messageOf(error)}
    </p>
  )
