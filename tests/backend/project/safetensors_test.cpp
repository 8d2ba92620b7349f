// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <fstream>

#include "backend/project/safetensors.h"
#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

std::vector<std::byte> file_of(const std::string& header, std::size_t data_size) {
    const std::uint64_t length = header.size();
    std::vector<std::byte> bytes(8 + header.size() + data_size);
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    return bytes;
}

std::string refusal(const std::string& header, std::size_t data_size) {
    const auto parsed = parse_safetensors(file_of(header, data_size), "it");
    return parsed ? "(accepted)" : parsed.error().message;
}

TensorMap every_type() {
    TensorMap map;
    for (const DType type : {DType::u8, DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64,
                             DType::i32, DType::i16, DType::i8, DType::boolean}) {
        TensorData& tensor = map.tensors["t" + std::to_string(static_cast<int>(type))];
        tensor.dtype = type;
        tensor.shape = {3, 1};
        tensor.bytes.assign(3 * size_of(type), std::byte{1});
    }
    map.tensors["scalar"] = {DType::f32, {}, std::vector<std::byte>(4)};
    map.tensors["empty"] = {DType::f64, {0, 5}, {}};
    map.tensors["лой.вес/重み\"\\\n"] = {DType::u8, {1}, {std::byte{7}}};
    map.metadata = {{"format", "limbeck"}, {"classes", "[\"a\", \"b\"]"}};
    return map;
}

TEST(Safetensors, GivesBackWhatItWrote) {
    const TemporaryFolder folder;
    value_of(write_safetensors(folder / "w.safetensors", every_type()));
    EXPECT_EQ(value_of(read_safetensors(folder / "w.safetensors")), every_type());
    EXPECT_EQ(folder_content(folder.path()).size(), 1u);
    EXPECT_EQ(value_of(parse_safetensors(value_of(format_safetensors(every_type())), "it")), every_type());
    EXPECT_EQ(value_of(parse_safetensors(value_of(format_safetensors({})), "it")), TensorMap{});
}

TEST(Safetensors, AlignsEveryTensorToItsElements) {
    const auto bytes = value_of(format_safetensors(every_type()));
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    EXPECT_EQ(header % 8, 0u);
    const std::string json(reinterpret_cast<const char*>(bytes.data()) + 8, header);
    EXPECT_LT(json.find("F64"), json.find("F32"));
    EXPECT_LT(json.find("F32"), json.find("BF16"));
    EXPECT_LT(json.find("BF16"), json.find("U8"));
}

TEST(Safetensors, RefusesToWriteWhatItCouldNotRead) {
    TensorMap short_of_bytes = every_type();
    short_of_bytes.tensors["scalar"].bytes.pop_back();
    EXPECT_FALSE(format_safetensors(short_of_bytes));
    TensorMap reserved;
    reserved.tensors["__metadata__"] = {DType::u8, {1}, {std::byte{7}}};
    EXPECT_FALSE(format_safetensors(reserved));
    TensorMap not_utf8;
    not_utf8.tensors["\xFF"] = {DType::u8, {1}, {std::byte{7}}};
    EXPECT_NE(error_of(format_safetensors(not_utf8)).find("UTF-8"), std::string::npos);
}

TEST(Safetensors, SaysWhatIsWrongAndWhere) {
    const auto expect = [](const std::string& header, std::size_t size, const std::string& words) {
        const std::string message = refusal(header, size);
        EXPECT_NE(message.find(words), std::string::npos) << header << "\n" << message;
    };
    const std::string good = R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
    EXPECT_EQ(refusal(good, 4), "(accepted)");
    EXPECT_EQ(refusal(good + "   ", 4), "(accepted)");
    EXPECT_EQ(refusal("{}", 0), "(accepted)");
    expect(good + "x", 4, "not valid JSON");
    expect(" " + good, 4, "starts with");
    expect(good + std::string(1, '\0'), 4, "starts with");
    expect(good, 5, "1 bytes at its end belong to no tensor");
    expect(good, 3, "cut short");
    expect("[]", 0, "starts with");
    expect(R"({"w":3})", 0, "the number 3 where the format has none, at \"w\"");
    expect(R"({"w":[]})", 0, "a list where");
    expect(R"({"w":null})", 0, "null where");
    expect(R"({"w":{"dtype":"U8","shape":[true],"data_offsets":[0,4]}})", 4, "true or false");
    expect(R"({"w":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}})", 4, "whole numbers");
    expect(R"({"w":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}})", 4, "negative number -4");
    expect(R"({"w":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,4]}})", 4, "below 2^63");
    expect(R"({"w":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,4]}})", 4, "below 2^63");
    expect(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"strides":[1]}})", 4, "unknown member");
    expect(R"({"w":{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}})", 4, "\"dtype\" twice");
    expect(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}})", 4, "where the format has none");
    expect(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0]}})", 4, "fewer than two");
    expect(R"({"w":{"dtype":"U8","shape":4,"data_offsets":[0,4]}})", 4, "where the format has none");
    expect(R"({"w":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}})", 4, "a list where");
    expect(R"({"__metadata__":{"a":1}})", 0, "the number 1 where");
    expect(R"({"__metadata__":{"a":"1","a":"2"}})", 0, "\"a\" twice");
    expect(R"({"__metadata__":{},"__metadata__":{}})", 0, "this name twice");
}

TEST(Safetensors, SaysThatAFileIsNotThereOrIsNoFile) {
    const TemporaryFolder folder;
    EXPECT_NE(error_of(read_safetensors(folder / "none")).find("No such file"), std::string::npos);
    EXPECT_NE(error_of(read_safetensors(folder.path())).find("Is a directory"), std::string::npos);
    EXPECT_NE(error_of(read_safetensors("/dev/zero")).find("a pipe or a device"), std::string::npos);
}

TEST(Safetensors, KeepsTheOldFileWhenTheNewOneCannotBeWritten) {
    const TemporaryFolder folder;
    value_of(write_safetensors(folder / "w", small_tensors(1)));
    TensorMap bad = small_tensors(2);
    bad.tensors["layer.weight"].bytes.clear();
    EXPECT_FALSE(write_safetensors(folder / "w", bad));
    EXPECT_EQ(value_of(read_safetensors(folder / "w")), small_tensors(1));
    EXPECT_EQ(folder_content(folder.path()).size(), 1u);
}

} // namespace
} // namespace limbeck
