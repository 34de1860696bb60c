import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { messageOf } from '@/shared/api/problem'
import { formatInteger, t, tn } from '@/shared/i18n'
import { More } from '@/shared/ui/More'
import { Refusal } from '@/shared/ui/Refusal'
import { SelectField } from '@/shared/ui/SelectField'
import { Loaded, Skeleton } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { TextField } from '@/shared/ui/TextField'
import { connectionsQuery, postsQuery, type Connection, type Post } from '../connections/queries'
import { useBringPost } from '../queries'
import { platformName } from '../words'

/** One of the account's posts, with the platform's own count of its comments. */
function PostRow({ post, checked, onChoose }: { post: Post; checked: boolean; onChoose: () => void }) {
  return (
    <li className="border-b border-line py-2">
      <label className="check items-start">
        <input type="radio" name="post" className="mt-1" checked={checked} onChange={onChoose} />
        <span className="min-w-0">
          <span className="line-clamp-2 wrap-anywhere" dir="auto">
            {post.text || post.url}
          </span>
          <span className="small muted block">
            {post.comments === null
              ? t('The platform does not tell how many comments it has.')
              : tn(post.comments, '{count} comment', '{count} comments')}
            {post.posted_at !== null && (
              <>
                {' · '}
                <When time={post.posted_at} exact={false} />
              </>
            )}
          </span>
        </span>
      </label>
    </li>
  )
}

function Posts({
  connection,
  chosen,
  onChoose,
}: {
  connection: Connection
  chosen: string
  onChoose: (post: string) => void
}) {
  const posts = useInfiniteQuery(postsQuery(connection.id))
  if (posts.isError && posts.data === undefined) {
    return (
      <div>
        <p role="alert" className="text-bad">
          {messageOf(posts.error)}
        </p>
        <button type="button" className="btn btn-quiet mt-2" onClick={() => void posts.refetch()}>
          {t('Try again')}
        </button>
      </div>
    )
  }
  return (
    <Loaded query={posts} skeleton={<Skeleton lines={3} />}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items)
        return (
          <fieldset>
            <legend className="font-semibold">{t('Post')}</legend>
            {items.length === 0 && (
              <p className="muted">{t('This account shows no posts. Give the link of one.')}</p>
            )}
            <ul className="max-h-96 overflow-y-auto">
              {items.map((post) => (
                <PostRow
                  key={post.id}
                  post={post}
                  checked={chosen === post.id}
                  onChoose={() => {
                    onChoose(post.id)
                  }}
                />
              ))}
            </ul>
            <More query={posts} label={t('Show more posts')} />
          </fieldset>
        )
      }}
    </Loaded>
  )
}

function Choice({ contest, connections }: { contest: Contest; connections: readonly Connection[] }) {
  const bring = useBringPost(contest.id)
  const [id, setId] = useState(connections[0]?.id ?? '')
  const [post, setPost] = useState('')
  const [link, setLink] = useState('')
  const [replies, setReplies] = useState(false)
  const connection = connections.find((one) => one.id === id) ?? connections[0]
  if (connection === undefined) return null
  const wanted = link.trim() || post
  return (
    <form
      className="grid max-w-2xl gap-5 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        bring.mutate(
          { connection, post: wanted, replies },
          {
            onSuccess: () => {
              setPost('')
              setLink('')
            },
          },
        )
      }}
    >
      <SelectField
        label={t('Account')}
        value={connection.id}
        choices={connections.map((one) => ({
          value: one.id,
          name: t('{account} at {platform}', {
            account: one.account_name,
            platform: platformName(one.platform),
          }),
        }))}
        onChange={(next) => {
          setId(next)
          setPost('')
        }}
      />
      <Posts
        key={connection.id}
        connection={connection}
        chosen={link.trim() ? '' : post}
        onChoose={(next) => {
          setPost(next)
          setLink('')
        }}
      />
      <TextField
        label={t('Or the link of the post')}
        value={link}
        onChange={setLink}
        most={500}
        inputMode="url"
      />
      <label className="check">
        <input
          type="checkbox"
          checked={replies}
          onChange={(event) => {
            setReplies(event.target.checked)
          }}
        />
        {t('Answers to comments take part too')}
      </label>
      <Refusal error={bring.error} />
      <div>
        <button className="btn btn-quiet" disabled={bring.isPending || wanted === ''}>
          {bring.isPending ? t('Asking the platform') : t('Import the comments')}
        </button>
      </div>
      {bring.isSuccess && (
        <p role="status" className="small">
          {bring.data.reported === null
            ? t('The import has begun: it is in the list above.')
            : t('The import has begun: {count} comments by the platform’s count. It is in the list above.', {
                count: formatInteger(bring.data.reported),
              })}
        </p>
      )}
    </form>
  )
}

/** Comments of a post, from an account that is connected. */
export function FromPost({ contest }: { contest: Contest }) {
  const [open, setOpen] = useState(false)
  const connections = useQuery({ ...connectionsQuery, enabled: open })
  return (
    <details
      className="border-b border-line"
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
      }}
    >
      <summary>{t('Add the comments of a post')}</summary>
      {open && (
        <Loaded query={connections} skeleton={<Skeleton lines={3} />}>
          {({ items }) => {
            const active = items.filter((one) => one.state === 'active')
            return (
              <>
                {active.length > 0 ? (
                  <Choice contest={contest} connections={active} />
                ) : (
                  <p className="py-2">{t('No account is connected. Connect the one whose post it is.')}</p>
                )}
                <p className="pb-3">
                  <Link
                    to="/connections"
                    search={{ contest: contest.id }}
                    className="link inline-flex min-h-11 items-center"
                  >
                    {t('Connected accounts')}
                  </Link>
                </p>
              </>
            )
          }}
        </Loaded>
      )}
    </details>
  )
}
