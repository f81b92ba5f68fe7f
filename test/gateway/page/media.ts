import { expect } from 'vitest'
import type { Page } from 'playwright-core'

/** A PDF of one page with a line of text. https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/pdfreference1.4.pdf */
export function pdfOf(text: string): Buffer {
  const content = `BT /F1 24 Tf 20 40 Td (${text}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let pdf = '%PDF-1.4\n'
  let table = '0000000000 65535 f \n'
  for (const [index, object] of objects.entries()) {
    table += `${String(pdf.length).padStart(10, '0')} 00000 n \n`
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`
  }
  const size = objects.length + 1
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`
  return Buffer.from(`${pdf}xref\n0 ${size}\n${table}${trailer}`, 'latin1')
}

/** A second of a tone, as a WAV. */
export function wavOfTone(): Buffer {
  const rate = 8000
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + rate, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(rate, 40)
  return Buffer.concat([head, Buffer.from(Array.from({ length: rate }, (_, n) => 128 + 80 * Math.sin(n / 3)))])
}

/** Half a second of WebM, 64 by 48, which the browser itself records. */
export async function webmFrom(page: Page): Promise<Buffer> {
  const recorded = await page.evaluate(`new Promise((resolve, reject) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 })
    const drawing = canvas.getContext('2d')
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' })
    const chunks = []
    recorder.onerror = reject
    recorder.ondataavailable = ({ data }) => chunks.push(data)
    recorder.onstop = async () => resolve([...new Uint8Array(await new Blob(chunks).arrayBuffer())])
    recorder.start()
    let frame = 0
    const timer = setInterval(() => {
      drawing.fillStyle = frame % 2 ? 'red' : 'blue'
      drawing.fillRect(0, 0, 64, 48)
      frame += 1
      if (frame < 16) return
      clearInterval(timer)
      recorder.stop()
    }, 33)
  })`)
  const video = Buffer.from(recorded as number[])
  expect(video.length).toBeGreaterThan(500)
  return video
}
