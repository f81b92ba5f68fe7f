// The page's script. Everything can be read without it: it makes times local, changes what has changed, and sends files.

/** @param {string} id */
const byId = (id) => document.getElementById(id)

/** Tells who listens and does not see: little, and only what they wait for.
 * @param {string} text */
function say(text) {
  const said = byId('said')
  if (said) said.textContent = text
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'long' })
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
/** @type {readonly (readonly [number, Intl.RelativeTimeFormatUnit])[]} */
const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]

/** @param {Date} at */
function ago(at) {
  const seconds = (at.getTime() - Date.now()) / 1000
  const [size, unit] = units.find(([one]) => Math.abs(seconds) >= one) ?? [1, 'second']
  // What happens each second is not told each second.
  return unit === 'second' && Math.abs(seconds) < 10
    ? relative.format(0, 'second')
    : relative.format(Math.round(seconds / size), unit)
}

/** @param {ParentNode} within */
function tellTimes(within) {
  for (const time of within.querySelectorAll('time')) {
    const at = new Date(time.dateTime)
    const text = ago(at)
    if (time.textContent !== text) time.textContent = text
    time.title = absolute.format(at)
  }
}

/** Makes an element look like another, and touches nothing that is the same: focus, selection and open dialogs stay.
 * @param {Element} old
 * @param {Element} wanted */
function turnInto(old, wanted) {
  for (const { name } of Array.from(old.attributes))
    if (!wanted.hasAttribute(name) && name !== 'open') old.removeAttribute(name)
  for (const { name, value } of wanted.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  turnChildren(old, wanted)
}

/** @param {Element} old
 * @param {Element} wanted */
function turnChildren(old, wanted) {
  const keyed = new Map(
    [...old.children].flatMap((child) =>
      child instanceof HTMLElement && child.dataset['key'] ? [[child.dataset['key'], child]] : [],
    ),
  )
  let place = old.firstChild
  for (const next of Array.from(wanted.childNodes)) {
    const key = next instanceof HTMLElement ? next.dataset['key'] : undefined
    const known = key === undefined ? undefined : keyed.get(key)
    if (known && known !== place) old.insertBefore(known, place)
    const current = known ?? place
    if (
      current instanceof Element &&
      next instanceof Element &&
      current.tagName === next.tagName &&
      // A question that is asked must not become another one.
      current.id === next.id &&
      (key === undefined || known)
    )
      turnInto(current, next)
    else if (current instanceof Text && next instanceof Text) {
      if (current.data !== next.data) current.data = next.data
    } else {
      old.insertBefore(next, place)
      continue
    }
    place = current.nextSibling
  }
  while (place) {
    const next = place.nextSibling
    place.remove()
    place = next
  }
}

/** Puts a part of the page in place of what it was. A log that is read at its end stays there.
 * @param {string} id
 * @param {string} text */
function show(id, text) {
  const part = byId(id)
  if (!part) return
  const log = part.querySelector('.log')
  const isAtEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 8
  const before = part.querySelector('.standing')?.getAttribute('data-status')
  const { body } = new DOMParser().parseFromString(text, 'text/html')
  tellTimes(body)
  turnChildren(part, body)
  const after = part.querySelector('.standing')?.getAttribute('data-status')
  if (after && before !== after) say(`It is ${after} now`)
  const end = part.querySelector('.log')
  if (end && (isAtEnd || !log)) end.scrollTop = end.scrollHeight
}

/** @type {EventSource | undefined} */
let source
const connection = byId('connection')

/** Milliseconds until a connection that was refused is tried once more. */
const retryTime = 10_000

/** Follows what changes for as long as somebody looks. */
function follow() {
  const url = connection?.dataset['live']
  if (!connection || !url || document.hidden || source) return
  source = new EventSource(url)
  source.addEventListener('open', () => stand('Live', true))
  source.addEventListener('error', () => {
    stand('Connecting', false)
    // The browser tries again by itself, unless it was told no: by a gateway that is full, or where somebody has to log in again.
    if (source?.readyState !== EventSource.CLOSED) return
    source = undefined
    setTimeout(follow, retryTime)
  })
  source.addEventListener('parts', ({ data }) => {
    for (const [id, text] of Object.entries(parsed(data))) if (typeof text === 'string') show(id, text)
  })
  source.addEventListener('over', () => {
    leave()
    connection.hidden = true
    delete connection.dataset['live']
  })
}

function leave() {
  source?.close()
  source = undefined
}

/** @param {string} text
 * @param {boolean} isOpen */
function stand(text, isOpen) {
  if (!connection) return
  connection.hidden = false
  connection.textContent = text
  connection.classList.toggle('open', isOpen)
}

/** Browsers without invoker commands open and close dialogs by this.
 * @param {MouseEvent} event */
function command({ target }) {
  const button = target instanceof Element ? target.closest('button[commandfor]') : null
  const dialog = button && byId(button.getAttribute('commandfor') ?? '')
  if (!(dialog instanceof HTMLDialogElement)) return
  if (button?.getAttribute('command') === 'close') dialog.close()
  else if (!dialog.open) dialog.showModal()
}

/** One thing once: whoever presses twice means it once.
 * @param {SubmitEvent} event */
function onlyOnce({ target }) {
  if (!(target instanceof HTMLFormElement) || target.method !== 'post') return
  for (const button of target.querySelectorAll('button')) setTimeout(() => (button.disabled = true))
}

/** A page that was kept for the way back is as it was left: its question was answered, and its file sent. */
function reopen() {
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  for (const button of document.querySelectorAll('button')) button.disabled = false
  busy(false)
}

/** @param {HTMLFormElement} form */
function takeFiles(form) {
  const file = form.querySelector('input')
  const zone = form.querySelector('.zone')
  if (!file || !zone) return
  form.hidden = false
  let depth = 0
  /** @param {number} change */
  const over = (change) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change)
    form.classList.toggle('over', depth > 0)
  }
  // Anywhere on the page: a file that misses the field would leave the page otherwise.
  addEventListener('dragenter', () => over(1))
  addEventListener('dragleave', () => over(-1))
  addEventListener('dragover', (event) => event.preventDefault())
  addEventListener('drop', (event) => {
    event.preventDefault()
    over(0)
    const dropped = event.dataTransfer?.files ?? []
    const [first] = dropped
    if (first && dropped.length === 1) send(form, first)
    else complain(first ? 'Drop one file: each is a job.' : 'That was no file.')
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const [first] = file.files ?? []
    if (first) send(form, first)
  })
}

/** @type {XMLHttpRequest | undefined} */
let sending

/** Sends a file as a job, and goes to that.
 * @param {HTMLFormElement} form
 * @param {File} file */
function send(form, file) {
  if (sending) return
  const metadata = form.querySelector('textarea')?.value.trim() ?? ''
  const wrong = metadata === '' ? undefined : flawOf(metadata)
  complain(wrong)
  if (wrong !== undefined) return
  const query = new URLSearchParams({ filename: file.name, ...(metadata !== '' && { metadata }) })
  const request = new XMLHttpRequest()
  sending = request
  request.open('POST', `${form.dataset['submit']}?${query}`)
  request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
  request.upload.addEventListener('progress', ({ loaded, total }) => progress(loaded / Math.max(1, total), file.name))
  request.addEventListener('load', () => {
    const { id, detail } = parsed(request.responseText)
    if (request.status === 201 && typeof id === 'string')
      location.assign(`${form.dataset['jobs']}${encodeURIComponent(id)}`)
    else complain(typeof detail === 'string' ? detail : `It was refused with ${request.status}.`)
  })
  request.addEventListener('error', () => complain('The connection broke off: try again.'))
  request.addEventListener('abort', () => say('It was stopped, and no job was made.'))
  request.addEventListener('loadend', () => {
    sending = undefined
    if (request.status !== 201) busy(false)
  })
  busy(true)
  progress(0, file.name)
  say(`Sending ${file.name}`)
  request.send(file)
}

/** The members of an object of JSON; of anything else there are none.
 * @param {unknown} text
 * @returns {{ readonly [name: string]: unknown }} */
function parsed(text) {
  try {
    /** @type {unknown} */
    const value = JSON.parse(String(text))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}

/** @param {string} metadata */
function flawOf(metadata) {
  if (/^\{[^]*\}$/.test(metadata) && (/^\{\s*\}$/.test(metadata) || Object.keys(parsed(metadata)).length > 0))
    return undefined
  return 'Metadata has to be an object of JSON, such as {"width": 320}.'
}

/** @param {string | undefined} text */
function complain(text) {
  const wrong = byId('wrong')
  wrong?.toggleAttribute('hidden', text === undefined)
  if (wrong) wrong.textContent = text ?? ''
}

/** @param {number} share
 * @param {string} name */
function progress(share, name) {
  const bar = byId('bar')
  const sent = byId('sent')
  if (bar instanceof HTMLProgressElement) bar.value = share
  if (sent) sent.textContent = `${name}, ${Math.floor(share * 100)} %`
}

/** @param {boolean} isSending */
function busy(isSending) {
  for (const id of ['sending', 'stop']) byId(id)?.toggleAttribute('hidden', !isSending)
  document.querySelector('#drop .primary')?.toggleAttribute('disabled', isSending)
  if (isSending) byId('sending')?.scrollIntoView({ block: 'nearest' })
}

tellTimes(document)
setInterval(() => document.hidden || tellTimes(document), 10_000)
for (const log of document.querySelectorAll('.log')) log.scrollTop = log.scrollHeight
if (!('command' in HTMLButtonElement.prototype)) document.addEventListener('click', command)
document.addEventListener('submit', onlyOnce)
const drop = byId('drop')
if (drop instanceof HTMLFormElement) takeFiles(drop)
byId('stop')?.addEventListener('click', () => sending?.abort())
document.addEventListener('visibilitychange', () => (document.hidden ? leave() : follow()))
addEventListener('pagehide', leave)
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) reopen()
  follow()
})
