import type { Platform } from '../words'

const PLATFORMS = ['instagram', 'facebook', 'x', 'tiktok', 'youtube'] as const satisfies readonly Platform[]
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface ConnectionsSearch {
  platform?: Platform
  /** Ids of what was connected, with commas between them. */
  connected?: string
  /** Why nothing was connected. */
  connection_refused?: string
  /** The contest that somebody came from, and goes back to. */
  contest?: string
}

/** What the platform's callback, or a link of ours, put into the address. */
export function readConnectionsSearch(search: Record<string, unknown>): ConnectionsSearch {
  const text = (name: string) => {
    const value = search[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const contest = text('contest')
  return {
    platform: PLATFORMS.find((known) => known === search.platform),
    connected: text('connected'),
    connection_refused: text('connection_refused'),
    contest: contest !== undefined && UUID.test(contest) ? contest : undefined,
  }
}
