//! Where the bytes are: a folder, or a bucket of an S3-compatible store. Names are random; who may read what is for the
//! database to say.

use super::spool::{Received, make_private_folder};
use super::unavailable;
use crate::config::Objects;
use crate::problem::{Problem, Result};
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Certificate, ClientOptions, GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt,
    RetryConfig,
};
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

/// Bytes of a file that are in memory at once on their way to or from the client.
const CHUNK: usize = 64 * 1024;
/// The same on their way to S3, which takes parts of 5 MiB at least.
const S3_PART: usize = 5 * 1024 * 1024;

/// Where a store says whose it is; no key of a file.
const ID: &str = "store-id";

pub enum Store {
    Folder {
        folder: PathBuf,
        /// Made with the folder, when it is first needed.
        opened: OnceLock<Arc<LocalFileSystem>>,
    },
    S3(Arc<dyn ObjectStore>),
}

/// One object as the store lists it.
pub struct Listed {
    pub key: Uuid,
    pub modified_at: DateTime<Utc>,
}

impl Store {
    /// # Errors
    /// A text for the person who starts the program: the settings do not fit together.
    pub fn new(settings: &Objects, folder: PathBuf) -> std::result::Result<Self, String> {
        match &settings.object_store_url {
            None => Ok(Self::Folder {
                folder,
                opened: OnceLock::new(),
            }),
            Some(url) => s3(settings, url).map(Self::S3),
        }
    }

    /// Keeps a file under a key that is new; on disk when this returns.
    ///
    /// # Errors
    /// 503 where the store cannot be reached or is full.
    pub async fn put(&self, key: Uuid, received: Received) -> Result<()> {
        match self {
            Self::Folder { folder, .. } => {
                let place = folder.join(relative(key));
                tokio::task::spawn_blocking(move || persist(received, &place))
                    .await
                    .map_err(Problem::internal)?
                    .map_err(unavailable)
            }
            Self::S3(store) => upload(store, key, &received).await.map_err(unavailable),
        }
    }

    /// The bytes of an object, as they are read.
    ///
    /// # Errors
    /// 503 where the store cannot be reached; 500 where the object is not there.
    pub async fn get(
        &self,
        key: Uuid,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = io::Result<Bytes>> + 'static> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.open()?.get_opts(&object(key), options).await;
        let found = found.map_err(|error| match error {
            object_store::Error::NotFound { .. } => Problem::internal(error),
            error => unavailable(error),
        })?;
        Ok(match found.payload {
            GetResultPayload::File(file, _) => read(file, found.range),
            GetResultPayload::Stream(stream) => stream.map_err(io::Error::other).boxed(),
        })
    }

    /// Takes objects away; one that is gone already is no failure.
    ///
    /// # Errors
    /// 503 where the store cannot be reached.
    pub async fn delete(&self, key: Uuid) -> Result<()> {
        match self.open()?.delete(&object(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// All objects, in no order. What bears no key of ours is not ours, and not touched.
    ///
    /// # Errors
    /// 503 where the store cannot be reached.
    pub fn list(&self) -> Result<impl Stream<Item = Result<Listed>> + 'static> {
        let listed = self.open()?.list(None).map_err(unavailable);
        Ok(listed.try_filter_map(async |meta| {
            let key = meta
                .location
                .filename()
                .and_then(|name| Uuid::try_parse(name).ok());
            let ours = key.filter(|key| object(*key) == meta.location);
            Ok(ours.map(|key| Listed {
                key,
                modified_at: meta.last_modified,
            }))
        }))
    }

    pub(super) fn is_folder(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }

    /// Whose store it is; none where it does not say.
    ///
    /// # Errors
    /// 503 where the store cannot be reached.
    pub(super) async fn id(&self) -> Result<Option<Uuid>> {
        let found = self.open()?.get(&Path::from(ID)).await;
        let bytes = match found {
            Ok(found) => found.bytes().await.map_err(unavailable)?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(unavailable(error)),
        };
        // What is no id is nobody's, and not overwritten.
        Ok(Some(
            std::str::from_utf8(&bytes)
                .ok()
                .and_then(|text| Uuid::try_parse(text.trim()).ok())
                .unwrap_or_default(),
        ))
    }

    /// Says whose it is.
    ///
    /// # Errors
    /// 503 where the store cannot be reached or is full.
    pub(super) async fn set_id(&self, id: Uuid) -> Result<()> {
        let (store, place) = (self.open()?, Path::from(ID));
        let put = store.put(&place, id.hyphenated().to_string().into()).await;
        put.map(drop).map_err(unavailable)
    }

    /// Whether an object is there.
    ///
    /// # Errors
    /// 503 where the store cannot be reached.
    pub(super) async fn has(&self, key: Uuid) -> Result<bool> {
        match self.open()?.head(&object(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    fn open(&self) -> Result<Arc<dyn ObjectStore>> {
        match self {
            Self::S3(store) => Ok(store.clone()),
            Self::Folder { folder, opened } => {
                // Each time: it may have been unmounted, and the folder with it.
                make_private_folder(folder).map_err(unavailable)?;
                if let Some(store) = opened.get() {
                    return Ok(store.clone());
                }
                let store = LocalFileSystem::new_with_prefix(folder).map_err(unavailable)?;
                Ok(opened.get_or_init(|| Arc::new(store)).clone())
            }
        }
    }
}

/// `3f/3f0c…`: no folder has to hold all files.
fn relative(key: Uuid) -> String {
    let name = key.hyphenated().to_string();
    format!("{}/{name}", &name[..2])
}

fn object(key: Uuid) -> Path {
    Path::from(relative(key))
}

/// The file becomes the object by a rename, so that there is all of it or nothing; it and its name are on disk after.
fn persist(received: Received, place: &std::path::Path) -> io::Result<()> {
    let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_private_folder(folder)?;
    received.file.as_file().sync_all()?;
    received.file.persist_noclobber(place)?;
    File::open(folder)?.sync_all()?;
    folder
        .parent()
        .map_or(Ok(()), |above| File::open(above)?.sync_all())
}

async fn upload(store: &Arc<dyn ObjectStore>, key: Uuid, received: &Received) -> io::Result<()> {
    let mut file = tokio::fs::File::from_std(received.open()?);
    let mut writer = BufWriter::with_capacity(store.clone(), object(key), S3_PART).with_max_concurrency(1);
    if let Err(error) = tokio::io::copy(&mut file, &mut writer).await {
        // Parts without an end cost space that no list shows.
        let _ = writer.abort().await;
        return Err(error);
    }
    tokio::io::AsyncWriteExt::shutdown(&mut writer).await
}

/// A range of a file, in pieces.
fn read(mut file: File, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
    if let Err(error) = file.seek(SeekFrom::Start(range.start)) {
        return futures_util::stream::once(async { Err(error) }).boxed();
    }
    let file = tokio::fs::File::from_std(file).take(range.end - range.start);
    ReaderStream::with_capacity(file, CHUNK).boxed()
}

fn s3(settings: &Objects, url: &str) -> std::result::Result<Arc<dyn ObjectStore>, String> {
    let place = url
        .strip_prefix("s3://")
        .ok_or("--object-store-url: should be s3://bucket or s3://bucket/prefix")?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let (Some(key), Some(secret)) = (&settings.s3_access_key, &settings.s3_secret_key) else {
        return Err("--object-store-url: --s3-access-key and --s3-secret-key are needed with it".into());
    };
    let mut client = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        // Not the whole of a transfer, which takes as long as its file: a silence.
        .with_timeout_disabled()
        .with_read_timeout(Duration::from_secs(30))
        .with_allow_http(
            settings
                .s3_endpoint
                .as_deref()
                .is_some_and(|url| url.starts_with("http://")),
        );
    if let Some(file) = &settings.s3_ca {
        let name = file.display();
        let pem = std::fs::read(file).map_err(|error| format!("--s3-ca {name}: {error}"))?;
        for authority in
            Certificate::from_pem_bundle(&pem).map_err(|error| format!("--s3-ca {name}: {error}"))?
        {
            client = client.with_root_certificate(authority);
        }
    }
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&settings.s3_region)
        .with_access_key_id(key)
        .with_secret_access_key(secret.reveal())
        .with_virtual_hosted_style_request(settings.s3_virtual_hosted)
        .with_client_options(client)
        // A request is waiting: it had better hear soon that the store is away.
        .with_retry(RetryConfig {
            max_retries: 3,
            retry_timeout: Duration::from_secs(5),
            ..RetryConfig::default()
        });
    if let Some(endpoint) = &settings.s3_endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let store = builder
        .build()
        .map_err(|error| format!("--object-store-url: {error}"))?;
    let prefix =
        Path::parse(prefix.trim_matches('/')).map_err(|error| format!("--object-store-url: {error}"))?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}
