/**
 * What is worth more than a session (money that leaves, how the account is reached) the server refuses until the
 * person proves again who they are. Here the refused request waits for that, and is then repeated as it was.
 */
import { api, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { createStore } from '@/shared/store/store'
import type { Proof } from './proof'

export interface StepUpQuestion {
  /** How the server lets this person prove who they are: `password`, … */
  ways: readonly string[]
  /** True when they did. */
  answer: (proven: boolean) => void
}

/** What the dialog asks; null when it is closed. */
export const stepUpQuestion = createStore<StepUpQuestion | null>(null)

let asking: Promise<boolean> | null = null

/** Requests that are refused at once share one question. */
function ask(ways: readonly string[]): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => {
    stepUpQuestion.set({ ways, answer: resolve })
  }).finally(() => {
    asking = null
    stepUpQuestion.set(null)
  })
  return asking
}

/** Runs a request; refused for want of step-up it is repeated once the person did, or stays refused. */
export async function withStepUp<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'step_up_required') throw error
    if (!(await ask(error.ways))) throw error
    return request()
  }
}

export const stepUpWithFactor = (proof: Proof) =>
  take(api.POST('/api/v1/step-up/second-factor', { body: { proof } }))

export const stepUpPasskeyOptions = async () =>
  (await take(api.POST('/api/v1/step-up/passkey-options'))).public_key

export const stepUpWithPassword = (password: string) =>
  take(api.POST('/api/v1/step-up', { body: { method: 'password', password } }))
