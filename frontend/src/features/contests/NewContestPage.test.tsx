import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { answerApi, ME, renderPage } from '@/test/page'
import { draft } from './samples'

async function open(answers: Record<string, unknown>, signedIn = true) {
  vi.resetModules()
  localStorage.clear()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({ 'GET /me': ME, ...answers })
  const { default: NewContestPage } = await import('./NewContestPage')
  renderPage(<NewContestPage />)
  return asked
}

const made = (asked: { method: string; body: unknown }[]) =>
  asked.filter(({ method }) => method === 'POST').map(({ body }) => body)

async function fill() {
  await userEvent.type(await screen.findByLabelText('Name'), 'Small giveaway')
  await userEvent.type(screen.getByLabelText('Post or event'), 'posts/218')
  await userEvent.type(screen.getByLabelText('Rules'), 'One entry each.')
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

it('a few fields: make the draft, and lead to its preparation', async () => {
  const asked = await open({ 'POST /contests': Response.json(draft(), { status: 201 }) })
  await fill()
  await userEvent.click(screen.getByRole('button', { name: 'Make a draft' }))
  // This router knows no other page than the one under test.
  expect(await screen.findByText('Not Found')).toBeInTheDocument()
  expect(made(asked)).toEqual([
    {
      title: 'Small giveaway',
      post_reference: 'posts/218',
      rules: 'One entry each.',
      winners: 1,
      alternates: 0,
      prizes: [],
    },
  ])
})

it('nothing filled in: says what is missing where, and sends nothing', async () => {
  const asked = await open({})
  await userEvent.click(await screen.findByRole('button', { name: 'Make a draft' }))
  expect(screen.getByLabelText('Name')).toBeInvalid()
  expect(screen.getByText('Give the contest a name.')).toBeInTheDocument()
  expect(screen.getByText(/Write the rules/)).toBeInTheDocument()
  expect(made(asked)).toEqual([])
})

it('the server refuses: says why, and what was typed stays', async () => {
  await open({
    'POST /contests': Response.json(
      { status: 409, code: 'too_many_drafts', detail: 'You have 20 contests that are not committed.' },
      { status: 409 },
    ),
  })
  await fill()
  await userEvent.click(screen.getByRole('button', { name: 'Make a draft' }))
  expect(await screen.findByText('You have 20 contests that are not committed.')).toBeInTheDocument()
  expect(screen.getByLabelText('Name')).toHaveValue('Small giveaway')
})

it('nobody signed in: says that it needs an account', async () => {
  await open({}, false)
  await waitFor(() => {
    expect(screen.getByRole('link', { name: 'Sign in with e-mail' })).toBeInTheDocument()
  })
  expect(screen.queryByLabelText('Name')).toBeNull()
})

it('the session ends while it is filled in: says so, and keeps what was written', async () => {
  const refused = () =>
    Response.json({ status: 401, code: 'not_signed_in', detail: 'Sign in.' }, { status: 401 })
  await open({ 'POST /contests': refused(), 'POST /sessions/refresh': refused() })
  await fill()
  await userEvent.click(screen.getByRole('button', { name: 'Make a draft' }))
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'Your session has ended. What you wrote is kept.',
  )
  expect(screen.getByRole('link', { name: 'Sign in with e-mail' })).toBeInTheDocument()
  expect(localStorage.getItem('tombola.draft.contest')).toContain('Small giveaway')
})
