// Enough of the Metal dialect for clang to type-check a kernel's text where there is no Metal compiler. Address spaces
// are real ones, so that a pointer without its `device` is an error as it would be there.
#define device __attribute__((address_space(1)))
#define constant __attribute__((address_space(2)))
#define threadgroup __attribute__((address_space(3)))
typedef unsigned int uint;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef __attribute__((ext_vector_type(3))) uint uint3;
typedef _Float16 float16_t;
typedef _Float16 half;
typedef _Float16 bfloat16_t;
namespace metal {
enum class mem_flags { mem_none, mem_device, mem_threadgroup };
void threadgroup_barrier(mem_flags);
float simd_sum(float);
namespace precise {
float exp(float);
float rsqrt(float);
}
}  // namespace metal
template <typename To, typename From>
To as_type(From);
