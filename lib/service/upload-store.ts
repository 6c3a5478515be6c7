import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { FileStore } from '@tus/file-store'
import { isDiskFull } from './problem.js'

/** The library's store, whose failures to write tell that the disk is full: the library says only that something went wrong. */
export class UploadStore extends FileStore {
  override async write(source: IncomingMessage | Readable, id: string, offset: number): Promise<number> {
    try {
      return await super.write(source, id, offset)
    } catch (error) {
      throw isDiskFull(source.errored) ? source.errored : error
    }
  }
}
