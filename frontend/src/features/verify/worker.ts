/** Gathers evidence once, then checks it as often as asked; a cheat changes a copy, never the evidence. */
import { hashesReady } from '@/shared/draw/hash'
import { speak } from '@/shared/i18n/speak'
import type { Cheat, Report } from './check'
import { checkContest, gatherContest, type ContestQuestion } from './contest'
import { checkRaffle, entriesOf, gatherRaffle, type Found, type RaffleQuestion } from './raffle'

export type Question = RaffleQuestion | ContestQuestion
export type Request =
  | { type: 'ask'; question: Question; cheat: Cheat; file?: Blob; language: string }
  | { type: 'cheat'; cheat: Cheat }
  /** Of a raffle that was asked about. */
  | { type: 'find'; who: string }
export type Answer =
  | { type: 'progress'; phase: 'chain' | 'recompute'; fraction: number }
  | { type: 'report'; cheat: Cheat; report: Report }
  | { type: 'found'; found: Found }
  | { type: 'failed'; message: string }

const tell = (answer: Answer) => {
  self.postMessage(answer)
}

type Checker = (cheat: Cheat) => Omit<Report, 'milliseconds'>
let checker: Checker | null = null
let finder: ((who: string) => Found) | null = null

async function gather(question: Question, file?: Blob): Promise<Checker> {
  const fetched = (fraction: number) => {
    tell({ type: 'progress', phase: 'chain', fraction })
  }
  const computed = (fraction: number) => {
    tell({ type: 'progress', phase: 'recompute', fraction })
  }
  if (question.kind === 'raffle') {
    const evidence = await gatherRaffle(question, fetched)
    finder = (who) => entriesOf(evidence.purchases, who)
    return (cheat) => checkRaffle(question, evidence, cheat, computed)
  }
  const evidence = await gatherContest(question, fetched, file)
  return (cheat) => checkContest(question, evidence, cheat, computed)
}

function report(cheat: Cheat): void {
  if (!checker) return
  const started = performance.now()
  const found = checker(cheat)
  tell({ type: 'report', cheat, report: { ...found, milliseconds: performance.now() - started } })
}

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  try {
    await hashesReady
    if (data.type === 'find') {
      if (finder) tell({ type: 'found', found: finder(data.who) })
      return
    }
    if (data.type === 'ask') {
      await speak(data.language).catch(() => undefined)
      checker = await gather(data.question, data.file)
    }
    report(data.cheat)
  } catch (error) {
    tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}
