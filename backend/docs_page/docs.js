// Draws openapi.json as plain HTML. Text nodes only: nothing of the document is ever parsed as markup.
const page = document.getElementById('page')
const api = await (await fetch('openapi.json')).json()

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag)
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value))
  made.append(...children.filter((child) => child !== null && child !== undefined))
  return made
}

const resolve = (schema) =>
  schema?.$ref ? { name: schema.$ref.split('/').at(-1), ...api.components.schemas[schema.$ref.split('/').at(-1)] } : schema

const expand = (schema, depth = 0) => {
  const known = resolve(schema) ?? {}
  if (depth > 4) return known.name ?? '…'
  const choices = known.oneOf ?? known.anyOf
  if (choices) return choices.map((choice) => expand(choice, depth + 1))
  if (known.type === 'array') return [expand(known.items, depth + 1)]
  if (!known.properties) return known.const ?? known.examples?.[0] ?? known.enum?.join(' | ') ?? known.type ?? 'any'
  return Object.fromEntries(Object.entries(known.properties).map(([key, value]) => [key, expand(value, depth + 1)]))
}

const shape = (content) => {
  const media = Object.values(content ?? {})[0]
  if (!media?.schema) return null
  return element('pre', {}, JSON.stringify(expand(media.schema), null, 2))
}

const parameters = (operation) => {
  if (!operation.parameters?.length) return null
  const rows = operation.parameters.map((parameter) =>
    element(
      'tr',
      {},
      element('td', {}, element('code', {}, parameter.name)),
      element('td', {}, `${parameter.in}${parameter.required ? ', required' : ''}`),
      element('td', {}, parameter.description ?? ''),
    ),
  )
  return element('table', {}, ...rows)
}

const answers = (operation) =>
  Object.entries(operation.responses).map(([status, answer]) =>
    element(
      'div',
      {},
      element('p', {}, element('strong', {}, status), ` ${answer.description}`),
      Number(status) < 400 ? shape(answer.content) : null,
    ),
  )

const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation, tag: operation.tags?.[0] ?? 'other' })),
)

const section = (tag) =>
  element(
    'section',
    {},
    element('h2', {}, tag.name),
    element('p', {}, tag.description ?? ''),
    ...operations
      .filter((entry) => entry.tag === tag.name)
      .map(({ path, method, operation }) =>
        element(
          'details',
          {},
          element('summary', {}, element('span', { class: 'method' }, method), element('code', {}, path), ` ${operation.summary ?? ''}`),
          element('p', {}, operation.description ?? ''),
          parameters(operation),
          shape(operation.requestBody?.content),
          ...answers(operation),
        ),
      ),
  )

page.replaceChildren(
  element('h1', {}, `${api.info.title} API`),
  element('p', {}, api.info.description),
  element('p', {}, element('a', { href: 'openapi.json' }, 'openapi.json')),
  ...api.tags.filter((tag) => operations.some((entry) => entry.tag === tag.name)).map(section),
)
