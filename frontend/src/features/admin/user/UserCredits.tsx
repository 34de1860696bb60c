import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatInteger, t, tn } from '@/shared/i18n'
import { newId } from '@/shared/tx/start'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Refusal } from '@/shared/ui/Refusal'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { Loaded } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { When } from '@/shared/ui/text'
import { useIsAdmin } from '../AdminPage'
import { useChangeCredits, type CreditChange } from '../mutations'
import { creditsQuery, statementQuery, type CreditBalance } from '../queries'
import { LEAST_REASON, MOST_REASON } from '../ReasonAction'
import { formatCredits } from '../Sum'

type Wish = 'grant' | 'more' | 'less'

function ChangeForm({ userId, available }: { userId: string; available: bigint }) {
  const [wish, setWish] = useState<Wish>('grant')
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  // The same booking sent again is booked once; another one needs another key.
  const [key, setKey] = useState(newId)
  const book = useChangeCredits(userId)
  const count = /^[1-9]\d{0,29}$/.test(typed.trim()) ? BigInt(typed.trim()) : null
  const tooMuch = wish === 'less' && count !== null && count > available
  const after = count === null ? null : wish === 'less' ? available - count : available + count
  const problem =
    typed.trim() !== '' && count === null
      ? t('Enter a whole number above nought.')
      : tooMuch
        ? t('The account has only {count} that are not held.', { count: formatInteger(available) })
        : null
  const change =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      set(value)
      setKey(newId())
      // What is on its way is waited for: only then the next may be sent.
      if (!book.isPending) book.reset()
    }
  const purpose: CreditChange['purpose'] = wish === 'grant' ? 'grant' : 'correction'
  return (
    <form
      noValidate
      className="grid max-w-md gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (count === null) return
        book.mutate(
          { key, purpose, amount: `${wish === 'less' ? '-' : ''}${count}`, reason: reason.trim() },
          {
            onSuccess: () => {
              setTyped('')
              setReason('')
              setKey(newId())
            },
          },
        )
      }}
    >
      <SelectField
        label={t('What to book')}
        value={wish}
        choices={[
          { value: 'grant', name: t('Give credits') },
          { value: 'more', name: t('Correct: add') },
          { value: 'less', name: t('Correct: take away') },
        ]}
        onChange={change(setWish)}
      />
      <TextField
        label={t('How many credits')}
        inputMode="numeric"
        value={typed}
        onChange={change(setTyped)}
        error={problem}
        hint={
          after !== null && !tooMuch
            ? t('Not held afterwards: {count}.', { count: formatInteger(after) })
            : undefined
        }
      />
      <TextField
        label={t('Reason')}
        hint={t('The user sees it in the statement.')}
        value={reason}
        onChange={change(setReason)}
        most={MOST_REASON}
      />
      <button
        className="btn btn-main justify-self-start"
        disabled={book.isPending || count === null || tooMuch || reason.trim().length < LEAST_REASON}
      >
        {book.isPending ? t('One moment') : t('Book it')}
      </button>
      {book.data && (
        <p role="status">
          {t('Booked. The balance is {count} now.', { count: formatInteger(book.data.balance) })}
        </p>
      )}
      <Refusal error={book.error} />
    </form>
  )
}

function Figures({ balance }: { balance: CreditBalance }) {
  const show = (amount: string) => formatCredits(amount, balance.decimals)
  return (
    <dl className="figures">
      <div>
        <dt>{t('Balance')}</dt>
        <dd className="num">{show(balance.amount)}</dd>
      </div>
      <div>
        <dt>{t('Held for what is under way')}</dt>
        <dd className="num">{show(balance.held)}</dd>
      </div>
      <div>
        <dt>{t('Not held')}</dt>
        <dd className="num">{show(balance.available)}</dd>
      </div>
    </dl>
  )
}

function Statement({ userId }: { userId: string }) {
  const statement = useInfiniteQuery(statementQuery(userId))
  return (
    <>
      <Loaded query={statement}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) return <p>{t('Nothing was booked yet.')}</p>
          return (
            <Rows
              label={tn(items.length, '{count} movement shown', '{count} movements shown')}
              className=""
              columns={[
                <th key="what" scope="col">
                  {t('What')}
                </th>,
                <th key="when" scope="col">
                  {t('When')}
                </th>,
                <th key="credits" scope="col">
                  {t('Credits')}
                </th>,
                <th key="balance" scope="col">
                  {t('Balance')}
                </th>,
              ]}
              items={items}
              unfinished={statement.hasNextPage}
              keyOf={(line) => line.id}
            >
              {(line) => (
                <>
                  <th scope="row" className="text-base! text-ink!">
                    {line.memo || line.purpose}
                  </th>
                  <td data-label={t('When')}>
                    <When time={line.at} exact={false} />
                  </td>
                  <td data-label={t('Credits')} className="num-in">
                    {formatCredits(line.amount, 0)}
                  </td>
                  <td data-label={t('Balance')} className="num-in">
                    {formatCredits(line.balance, 0)}
                  </td>
                </>
              )}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={statement} label={t('Show more movements')} />
    </>
  )
}

export function UserCredits({ userId }: { userId: string }) {
  const credits = useQuery(creditsQuery(userId))
  const isAdmin = useIsAdmin()
  return (
    <Section id="credits" title={t('Credits')}>
      <Loaded query={credits}>
        {({ balances }) => {
          const balance = balances.find((one) => one.currency === 'CREDIT')
          return (
            balance && (
              <div className="grid gap-6">
                <Figures balance={balance} />
                {isAdmin && (
                  <details>
                    <summary>{t('Give or correct credits')}</summary>
                    <ChangeForm userId={userId} available={BigInt(balance.available)} />
                  </details>
                )}
              </div>
            )
          )
        }}
      </Loaded>
      <h3 className="mt-6 mb-2 font-semibold">{t('Statement')}</h3>
      <Statement userId={userId} />
    </Section>
  )
}
