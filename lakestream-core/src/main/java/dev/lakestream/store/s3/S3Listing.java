// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.PendingUpload;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Listings, page by page. Neither their order nor their beginning is trusted. */
final class S3Listing {
  private final S3Client client;
  private final S3Location location;
  private final S3Errors errors;

  S3Listing(S3Client client, S3Location location, S3Errors errors) {
    this.client = client;
    this.location = location;
    this.errors = errors;
  }

  List<ObjectInfo> objects(ObjectKey folder, Optional<ObjectKey> startAfter) throws IOException {
    String prefix = location.folder(folder);
    List<ObjectInfo> found = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      ListObjectsV2Response page = objectPage(folder, prefix, startAfter, next);
      for (S3Object object : page.contents()) {
        location
            .key(object.key())
            .filter(key -> object.key().startsWith(prefix))
            .filter(key -> startAfter.isEmpty() || key.compareTo(startAfter.get()) > 0)
            .ifPresent(key -> found.add(new ObjectInfo(key, object.size(), object.lastModified())));
      }
      next = following("list of " + folder, page.isTruncated(), page.nextContinuationToken(), next);
    } while (next.isPresent());
    found.sort(Comparator.comparing(ObjectInfo::key));
    return Collections.unmodifiableList(found);
  }

  List<String> folders(Optional<ObjectKey> below) throws IOException {
    String prefix = below.map(location::folder).orElse(location.prefix());
    String what = "list of the folders below '" + prefix + "'";
    List<String> found = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      ListObjectsV2Response page = folderPage(what, prefix, next);
      for (CommonPrefix folder : page.commonPrefixes()) {
        String name = folder.prefix().replaceFirst("/$", "");
        if (name.startsWith(prefix) && ObjectKey.isValid(name.substring(prefix.length()))) {
          found.add(name.substring(prefix.length()));
        }
      }
      next = following(what, page.isTruncated(), page.nextContinuationToken(), next);
    } while (next.isPresent());
    Collections.sort(found);
    return Collections.unmodifiableList(found);
  }

  private ListObjectsV2Response folderPage(String what, String prefix, Optional<String> token)
      throws IOException {
    try {
      return client.listObjectsV2(
          request -> {
            request.bucket(location.bucket()).prefix(prefix).delimiter("/");
            token.ifPresent(request::continuationToken);
          });
    } catch (SdkException e) {
      throw errors.of(what, e);
    }
  }

  private ListObjectsV2Response objectPage(
      ObjectKey folder, String prefix, Optional<ObjectKey> startAfter, Optional<String> token)
      throws IOException {
    try {
      return client.listObjectsV2(
          request -> {
            request.bucket(location.bucket()).prefix(prefix);
            token.ifPresentOrElse(
                request::continuationToken,
                () -> startAfter.ifPresent(key -> request.startAfter(location.name(key))));
          });
    } catch (SdkException e) {
      throw errors.of("list of " + folder, e);
    }
  }

  /** Where the next page begins, or empty; a server that leads in a circle is an error. */
  private Optional<String> following(
      String what, Boolean truncated, String token, Optional<String> last) throws IOException {
    if (!Boolean.TRUE.equals(truncated)) {
      return Optional.empty();
    }
    if (token == null || token.isEmpty() || last.filter(token::equals).isPresent()) {
      throw new IOException(what + " failed in " + location + ": its pages lead in a circle");
    }
    return Optional.of(token);
  }

  List<PendingUpload> pendingUploads() throws IOException {
    List<PendingUpload> found = new ArrayList<>();
    Optional<String> keyMarker = Optional.empty();
    Optional<String> idMarker = Optional.empty();
    String what = "list of unfinished uploads";
    while (true) {
      ListMultipartUploadsResponse page = uploadPage(what, keyMarker, idMarker);
      for (MultipartUpload upload : page.uploads()) {
        Optional<ObjectKey> key = location.key(upload.key());
        if (key.isPresent()) {
          pending(key.get(), upload).ifPresent(found::add);
        }
      }
      if (!Boolean.TRUE.equals(page.isTruncated())) {
        return Collections.unmodifiableList(found);
      }
      String before = keyMarker.orElse("") + "\n" + idMarker.orElse("");
      keyMarker = Optional.ofNullable(page.nextKeyMarker());
      idMarker = Optional.ofNullable(page.nextUploadIdMarker());
      following(what, true, keyMarker.orElse("") + "\n" + idMarker.orElse(""), Optional.of(before));
    }
  }

  private ListMultipartUploadsResponse uploadPage(
      String what, Optional<String> keyMarker, Optional<String> idMarker) throws IOException {
    try {
      return client.listMultipartUploads(
          request -> {
            request.bucket(location.bucket()).prefix(location.prefix());
            keyMarker.ifPresent(request::keyMarker);
            idMarker.ifPresent(request::uploadIdMarker);
          });
    } catch (SdkException e) {
      throw errors.of(what, e);
    }
  }

  /** What an upload has so far; empty if it has ended meanwhile. */
  private Optional<PendingUpload> pending(ObjectKey key, MultipartUpload upload)
      throws IOException {
    long bytes = 0;
    Instant touched = upload.initiated() == null ? Instant.EPOCH : upload.initiated();
    Integer marker = null;
    while (true) {
      ListPartsResponse page;
      try {
        Integer after = marker;
        page =
            client.listParts(
                request ->
                    request
                        .bucket(location.bucket())
                        .key(upload.key())
                        .uploadId(upload.uploadId())
                        .partNumberMarker(after));
      } catch (S3Exception e) {
        if (e.statusCode() == 404 && !S3Errors.isNoSuchBucket(e)) {
          return Optional.empty();
        }
        throw errors.of("list of the parts of " + key, e);
      } catch (SdkException e) {
        throw errors.of("list of the parts of " + key, e);
      }
      for (Part part : page.parts()) {
        bytes += part.size() == null ? 0 : part.size();
        if (part.lastModified() != null && part.lastModified().isAfter(touched)) {
          touched = part.lastModified();
        }
      }
      Integer next = page.nextPartNumberMarker();
      if (!Boolean.TRUE.equals(page.isTruncated())
          || next == null
          || (marker != null && next <= marker)) {
        return Optional.of(new PendingUpload(upload.uploadId(), Optional.of(key), bytes, touched));
      }
      marker = next;
    }
  }
}
