import { render, screen, waitFor } from '@testing-library/react'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/shared/api/problem'
import { useStore } from '@/shared/store/store'
import { answerApi } from '@/test/page'
import StepUpDialog from './StepUpDialog'
import { stepUpQuestion, withStepUp } from './step-up'

function Asker() {
  const question = useStore(stepUpQuestion)
  return question && <StepUpDialog question={question} />
}

const show = () =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Asker />
    </QueryClientProvider>,
  )

const refusal = (ways = ['password']) =>
  new ApiProblem(403, 'step_up_required', 'Prove that it is you.', ways)
const refusedOnce = () =>
  vi.fn<() => Promise<string>>().mockRejectedValueOnce(refusal()).mockResolvedValue('accepted')

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('what needs step-up', () => {
  it('asks for the password, then repeats the request', async () => {
    const asked = answerApi({ 'POST /step-up': { valid_until: '2126-01-01T00:00:00Z' } })
    show()
    const request = refusedOnce()
    const outcome = withStepUp(request)
    const user = userEvent.setup()
    await user.type(await screen.findByLabelText('Password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    expect(await outcome).toBe('accepted')
    expect(request).toHaveBeenCalledTimes(2)
    expect(asked.at(-1)?.body).toEqual({ method: 'password', password: 'correct horse' })
    await waitFor(() => {
      expect(screen.queryByRole('dialog')).toBeNull()
    })
  })

  it('says that a password is wrong and stays open', async () => {
    answerApi({
      'POST /step-up': Response.json(
        { code: 'password_wrong', detail: 'The password is wrong.' },
        { status: 403 },
      ),
    })
    show()
    const refused = expect(withStepUp(refusedOnce())).rejects.toThrow('Prove that it is you.')
    const user = userEvent.setup()
    await user.type(await screen.findByLabelText('Password'), 'guess')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    expect(await screen.findByText('The password is wrong.')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Close' }))
    await refused
  })

  it('asks for a code where there is a second factor', async () => {
    const asked = answerApi({ 'POST /step-up/second-factor': { valid_until: '2126-01-01T00:00:00Z' } })
    show()
    const request = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(refusal(['totp', 'recovery_code']))
      .mockResolvedValue('accepted')
    const outcome = withStepUp(request)
    const user = userEvent.setup()
    await user.type(await screen.findByLabelText('Code of the authenticator app'), '492039')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    expect(await outcome).toBe('accepted')
    expect(asked.at(-1)?.body).toEqual({ proof: { way: 'totp', code: '492039' } })
  })

  it('asks once for requests refused together', async () => {
    answerApi({ 'POST /step-up': { valid_until: '2126-01-01T00:00:00Z' } })
    show()
    const both = Promise.all([withStepUp(refusedOnce()), withStepUp(refusedOnce())])
    const user = userEvent.setup()
    await user.type(await screen.findByLabelText('Password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    expect(await both).toEqual(['accepted', 'accepted'])
  })

  it('lets other refusals through', async () => {
    const other = new ApiProblem(409, 'balance_too_low', 'Too low.')
    await expect(withStepUp(() => Promise.reject(other))).rejects.toBe(other)
  })
})
