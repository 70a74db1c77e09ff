// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.InputSplit;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.RecordReader;
import org.apache.hadoop.mapreduce.RecordWriter;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.input.FileInputFormat;
import org.apache.hadoop.mapreduce.lib.input.FileSplit;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job of Hadoop as a reader and as a producer: its tasks read slots and write slots, through the
 * committer that such jobs have, and its end is a rename.
 */
class MapReduceTest {
  private static final String ROOT = "lakestream://demo";
  private static final int SLOTS = 4;

  @TempDir java.nio.file.Path directory;
  @TempDir java.nio.file.Path scratch;

  @Test
  void aJobMakesAStepOfAStep() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, SLOTS, 1)) {
      disk.commit(2);
      Configuration settings = LocalJobs.settings(disk.settings(), scratch);
      Job job = Job.getInstance(settings, "copy a step");
      job.setInputFormatClass(WholeSlots.class);
      job.setMapperClass(Mapper.class);
      job.setNumReduceTasks(0);
      job.setOutputFormatClass(SlotFiles.class);
      FileInputFormat.setInputPaths(job, new Path(ROOT + "/steps/00000000000000000001"));
      FileOutputFormat.setOutputPath(job, new Path(ROOT + "/staging/job-1"));
      assertThat(job.waitForCompletion(false)).isTrue();

      try (FileSystem files = disk.open()) {
        // _SUCCESS is there too, and passed over.
        assertThat(files.listStatus(new Path("/staging/job-1"))).hasSize(SLOTS + 1);
        assertThat(files.rename(new Path("/staging/job-1"), new Path("/steps/next"))).isTrue();
        for (int slot = 0; slot < SLOTS; slot++) {
          Path made = new Path("/steps/00000000000000000002/slot-000" + slot + ".arrow");
          try (FSDataInputStream in = files.open(made)) {
            assertThat(ArrowFiles.rows(in.readAllBytes(), disk.allocator))
                .isEqualTo(StreamOnDisk.expected(1, slot));
          }
        }
      }
    }
  }

  /** One record for each slot: its file's name, and its bytes. */
  static final class WholeSlots extends FileInputFormat<Text, BytesWritable> {
    @Override
    protected boolean isSplitable(JobContext job, Path file) {
      return false;
    }

    @Override
    public RecordReader<Text, BytesWritable> createRecordReader(
        InputSplit split, TaskAttemptContext task) {
      return new WholeSlot();
    }
  }

  /** The one record of a file. */
  private static final class WholeSlot extends RecordReader<Text, BytesWritable> {
    private final Text name = new Text();
    private final BytesWritable bytes = new BytesWritable();
    private boolean isRead;

    @Override
    public void initialize(InputSplit split, TaskAttemptContext task) throws IOException {
      Path path = ((FileSplit) split).getPath();
      name.set(path.getName());
      try (FSDataInputStream in =
          path.getFileSystem(task.getConfiguration()).openFile(path).build().get()) {
        byte[] all = in.readAllBytes();
        bytes.set(all, 0, all.length);
      } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
        throw new IOException(path + " can't be opened", e);
      }
    }

    @Override
    public boolean nextKeyValue() {
      boolean first = !isRead;
      isRead = true;
      return first;
    }

    @Override
    public Text getCurrentKey() {
      return name;
    }

    @Override
    public BytesWritable getCurrentValue() {
      return bytes;
    }

    @Override
    public float getProgress() {
      return isRead ? 1 : 0;
    }

    @Override
    public void close() {}
  }

  /** A file for each record, named by its key, where the committer wants a task's files. */
  static final class SlotFiles extends FileOutputFormat<Text, BytesWritable> {
    @Override
    public RecordWriter<Text, BytesWritable> getRecordWriter(TaskAttemptContext task)
        throws IOException {
      Path folder = ((FileOutputCommitter) getOutputCommitter(task)).getWorkPath();
      FileSystem files = folder.getFileSystem(task.getConfiguration());
      return new RecordWriter<>() {
        @Override
        public void write(Text name, BytesWritable bytes) throws IOException {
          try (FSDataOutputStream out = files.create(new Path(folder, name.toString()), false)) {
            out.write(bytes.getBytes(), 0, bytes.getLength());
          }
        }

        @Override
        public void close(TaskAttemptContext ended) {}
      };
    }
  }
}
