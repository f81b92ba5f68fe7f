import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { jobPath, v1JobsPath } from './paths.ts'

/** Where a file becomes a job: chosen or dropped. The script sends it and shows how far it is. */
export function dropForm(queue: string): Markup {
  return html`<section aria-labelledby="submit">
    <h2 id="submit">Submit a job</h2>
    <noscript
      ><p class="empty">This takes JavaScript; <code>remotejob submit</code> does not.</p></noscript
    >
    <form class="drop" id="drop" data-submit="${v1JobsPath(queue)}" data-jobs="${jobPath(queue, '')}" hidden>
      <label class="zone" for="file">
        <strong class="dropped">Drop a file here</strong>
        <span class="dropped">or choose one</span>
        <strong class="touched">A file for the job</strong>
        <input id="file" name="file" type="file" required />
      </label>
      <div class="more">
        <details>
          <summary>Metadata</summary>
          <label for="metadata">An object of JSON, for the worker</label>
          <textarea
            id="metadata"
            name="metadata"
            rows="3"
            spellcheck="false"
            autocapitalize="off"
            aria-describedby="wrong"
          ></textarea>
        </details>
        <div class="buttons">
          <button class="primary">Submit</button>
          <button type="button" id="stop" hidden>Stop</button>
        </div>
      </div>
      <p id="sending" hidden>
        <progress id="bar" max="1" value="0" aria-labelledby="sent"></progress> <span id="sent" class="number"></span>
      </p>
      <p id="wrong" class="refused" role="alert" hidden></p>
    </form>
  </section>`
}
