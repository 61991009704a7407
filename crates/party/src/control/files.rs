//! The service `Files`: what callers bring along, and the results that they fetch.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use wire::control::{self, FileChunk, files_server};

use crate::Trouble;
use crate::control::{Events, Operator, failed};
use crate::runs::again;

/// Bytes of a chunk of a result.
const CHUNK: usize = 256 << 10;

#[tonic::async_trait]
impl files_server::Files for Operator {
    async fn upload(
        &self,
        request: Request<Streaming<FileChunk>>,
    ) -> Result<Response<control::UploadReply>, Status> {
        let node = Arc::clone(&self.0);
        let mut chunks = request.into_inner();
        let mut incoming = node.uploads.begin().map_err(|trouble| failed(&trouble))?;
        let idle = node.config.limits.idle();
        loop {
            let chunk = timeout(idle, chunks.message()).await;
            let chunk = chunk.map_err(|_| failed(&stalled(idle.as_secs())))??;
            let Some(FileChunk { body }) = chunk else { break };
            let taken = tokio::task::block_in_place(|| incoming.take(&body));
            taken.map_err(|trouble| failed(&trouble))?;
        }
        let kept = node.uploads.keep(incoming).map_err(|trouble| failed(&trouble))?;
        let (handle, bytes, digest) = kept;
        Ok(Response::new(control::UploadReply { handle, bytes, digest: digest.to_string() }))
    }

    type ResultStream = Events<FileChunk>;

    async fn result(
        &self,
        request: Request<control::ResultRequest>,
    ) -> Result<Response<Self::ResultStream>, Status> {
        let run = again::found(&self.0, &request.into_inner().run).await;
        let run = run.map_err(|trouble| failed(&trouble))?;
        let path = run.result.map(PathBuf::from).ok_or_else(|| failed(&no_result()))?;
        let file = File::open(&path).map_err(|error| failed(&Trouble::file(&path, &error)))?;
        let (chunks, read) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            let mut file = file;
            loop {
                let mut body = vec![0; CHUNK];
                let chunk = match file.read(&mut body) {
                    Ok(0) => return,
                    Ok(length) => {
                        body.truncate(length);
                        Ok(FileChunk { body: body.into() })
                    }
                    Err(error) => Err(failed(&Trouble::file(&path, &error))),
                };
                let broken = chunk.is_err();
                if chunks.blocking_send(chunk).is_err() || broken {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(read))))
    }
}

fn stalled(seconds: u64) -> Trouble {
    Trouble::us(
        "SILENT",
        format!("nothing came of the file for {seconds} s: bring it again"),
        format!("{seconds} 秒内未收到文件内容：请重新上传"),
    )
}

fn no_result() -> Trouble {
    Trouble::us(
        "NO_RESULT",
        "this run has left no file: it is not over, has failed, or gives a count alone (`tacit runs NUMBER`)",
        "该运行没有结果文件：尚未结束、已失败，或只给出计数（`tacit runs 编号`）",
    )
}
