//! The certificate authority of one sandbox: fresh at every start, a leaf per host on demand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::clock;

/// Days a certificate is valid; more than 825 and some systems refuse it.
const DAYS: i64 = 365;

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The certificate itself.
    #[error("a certificate could not be made")]
    Certificate(#[from] rcgen::Error),
    /// The TLS settings around it.
    #[error("the TLS settings were refused")]
    Tls(#[from] rustls::Error),
}

/// Signs a certificate for whatever host a client asks for.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    by_host: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, AuthorityError> {
        let mut params = dated(CertificateParams::new(Vec::new())?);
        params.distinguished_name.push(DnType::CommonName, "Codex Lab sandbox, this run only");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self { issuer, by_host: Mutex::default() })
    }

    /// The certificate a client must trust, as PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The TLS side of a connection to `host`. HTTP/1.1 only, as an upgrade needs it.
    pub(crate) fn server_config(&self, host: &str) -> Result<Arc<ServerConfig>, AuthorityError> {
        let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = by_host.get(host) {
            return Ok(config.clone());
        }
        let config = Arc::new(self.leaf(host)?);
        by_host.insert(host.to_owned(), config.clone());
        Ok(config)
    }

    fn leaf(&self, host: &str) -> Result<ServerConfig, AuthorityError> {
        let mut params = dated(CertificateParams::new(vec![host.to_owned()])?);
        params.distinguished_name.push(DnType::CommonName, host);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Valid from yesterday, so that no time zone makes it a certificate of the future.
fn dated(mut params: CertificateParams) -> CertificateParams {
    let day = |offset: i64| {
        let date = (clock::now() + SignedDuration::from_hours(24 * offset)).to_zoned(TimeZone::UTC);
        date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = day(-1);
    params.not_after = day(DAYS);
    params
}
