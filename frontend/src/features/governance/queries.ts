import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { ProposalDetail, ProposalState } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { live } from '@/shared/stream/live'

/** These change by nothing but time and votes. */
const MOVING = new Set<ProposalState>(['pending', 'active', 'succeeded', 'queued'])

export const governanceQuery = queryOptions({
  queryKey: ['governance', 'settings'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/governance', { signal })),
  refetchInterval: 60_000,
})

export const proposalsQuery = (state: ProposalState | undefined) =>
  infiniteQueryOptions({
    queryKey: ['governance', 'proposals', state ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/governance/proposals', {
          params: { query: { state, cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: 15_000,
  })

const byId = (id: string) => ({ path: { proposal_id: id } })

export const proposalQuery = (id: string) =>
  queryOptions({
    queryKey: ['governance', 'proposal', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/governance/proposals/{proposal_id}', { params: byId(id), signal })),
    refetchInterval: live((proposal?: ProposalDetail) =>
      proposal && !MOVING.has(proposal.state) ? 60_000 : 4_000,
    ),
  })

export const votesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['governance', 'proposal', id, 'votes'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/governance/proposals/{proposal_id}/votes', {
          params: { ...byId(id), query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live(15_000),
  })

/** What an account can vote with, now and on a proposal. */
export const voterQuery = (address: string | undefined, proposalId?: string) =>
  queryOptions({
    queryKey: ['governance', 'voter', address, proposalId],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/governance/voters/{address}', {
          params: { path: { address: address ?? '' }, query: { proposal_id: proposalId } },
          signal,
        }),
      ),
    enabled: address !== undefined,
    refetchInterval: 10_000,
  })

/** Grants whose locked part votes with its beneficiary's delegate. */
export const grantsQuery = (beneficiary: string | undefined) =>
  queryOptions({
    queryKey: ['governance', 'grants', beneficiary],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/vesting/grants', { params: { query: { beneficiary, limit: 100 } }, signal })),
    enabled: beneficiary !== undefined,
    refetchInterval: 15_000,
  })

export const tokensQuery = queryOptions({
  queryKey: ['governance', 'tokens'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/tokens', { params: { query: { limit: 100 } }, signal })),
})
