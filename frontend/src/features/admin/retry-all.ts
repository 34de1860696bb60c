/** Runs all failed jobs of a task again, one after the other, so that one refusal stops none of the others. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { messageOf } from '@/shared/api/problem'
import { retryJob } from './mutations'
import { ADMIN } from './queries'

export interface RetryAll {
  running: boolean
  /** Null until it was started. */
  progress: { done: number; total: number } | null
  /** Jobs that were refused by themselves, and why. */
  refused: readonly { id: string; why: string }[]
  /** What ended it before the end: the server is away, or too many requests. */
  error: unknown
  start: () => void
  stop: () => void
}

const PAGE = 100

async function failedJobs(task: string): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const query = { state: 'failed' as const, task, cursor, limit: PAGE }
    const page = await take(api.GET('/api/v1/admin/jobs', { params: { query } }))
    ids.push(...page.items.map((job) => job.id))
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return ids
}

/** A job that ran meanwhile, or waits already, is no reason to stop. */
const isOfJob = (error: unknown): error is ApiProblem =>
  error instanceof ApiProblem && (error.code === 'job_not_failed' || error.code === 'job_not_found')

export function useRetryAll(task: string): RetryAll {
  const client = useQueryClient()
  const wanted = useRef(false)
  const [running, setRunning] = useState(false)
  const [progress, setProgress] = useState<RetryAll['progress']>(null)
  const [refused, setRefused] = useState<RetryAll['refused']>([])
  const [error, setError] = useState<unknown>(null)
  useEffect(
    () => () => {
      wanted.current = false
    },
    [],
  )

  const run = async () => {
    wanted.current = true
    setRunning(true)
    setError(null)
    setRefused([])
    setProgress(null)
    try {
      const ids = await failedJobs(task)
      setProgress({ done: 0, total: ids.length })
      for (const [at, id] of ids.entries()) {
        if (!wanted.current) break
        try {
          await retryJob(id)
        } catch (failure) {
          if (!isOfJob(failure)) throw failure
          setRefused((before) => [...before, { id, why: messageOf(failure) }])
        }
        setProgress({ done: at + 1, total: ids.length })
      }
    } catch (failure) {
      setError(failure)
    } finally {
      setRunning(false)
      void client.invalidateQueries({ queryKey: [ADMIN] })
      void client.invalidateQueries({ queryKey: ['status'] })
    }
  }
  return {
    running,
    progress,
    refused,
    error,
    start: () => void run(),
    stop: () => {
      wanted.current = false
    },
  }
}
